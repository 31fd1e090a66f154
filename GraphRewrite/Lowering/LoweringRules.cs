using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>
/// Standard nodes that compute what a training node computes: one value per output of the node, null for outputs that nobody uses.
/// The builder stands where the node stands.
/// </summary>
internal delegate IReadOnlyList<Value?> LoweringRule(OpBuilder op, Node node, LoweringTarget target);

/// <summary>THE table: training operator → standard operators.</summary>
internal static class LoweringRules
{
    public static Dictionary<OpId, LoweringRule> Table { get; } = new()
    {
        ["com.microsoft::SigmoidGrad"] = (op, n, _) => [n.In(0) * n.In(1) * (op.ScalarLike(n.In(1), 1) - n.In(1))],     // dX = dY ⊙ Y ⊙ (1 − Y)
        ["com.microsoft::TanhGrad"] = (op, n, _) => [n.In(0) * (op.ScalarLike(n.In(1), 1) - (n.In(1) * n.In(1)))],      // dX = dY ⊙ (1 − Y²)
        ["com.microsoft::ConvGrad"] = ConvGradLowering.Lower,
        ["MaxPoolGrad"] = MaxPoolGradLowering.Lower,
        ["AveragePoolGrad"] = AveragePoolGradLowering.Lower,
    };
}
