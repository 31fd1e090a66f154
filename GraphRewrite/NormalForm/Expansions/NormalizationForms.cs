using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Opsets;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// Normalizations that ONNX Runtime's optimizer makes: by the root mean square alone (Simplified), and with an addition in front (Skip), whose sum
/// is their fourth output.
/// </summary>
internal static class NormalizationForms
{
    /// <summary>Y = X / √(mean(X²) + ε) ⊙ γ.</summary>
    public static IReadOnlyList<Value?> Simplified(OpBuilder op, Node n) => [RmsForm.Write(op, n)];

    /// <summary>Y = LayerNormalization(X + skip + bias) over the last axis.</summary>
    public static IReadOnlyList<Value?> Skip(OpBuilder op, Node n)
    {
        Value sum = Sum(op, n, bias: 4);
        Value y = op.Op("LayerNormalization", [sum, n.In(2), n.InOrNull(3)], ("axis", -1), ("epsilon", n.Float("epsilon", 1e-12f)));
        return [y, null, null, sum];
    }

    /// <summary>The same by the root mean square.</summary>
    public static IReadOnlyList<Value?> SkipSimplified(OpBuilder op, Node n)
    {
        Value sum = Sum(op, n, bias: 3);
        return [RmsForm.Of(op, sum, n.In(2), [-1], n.Float("epsilon", 1e-12f), ElementType.Float), null, null, sum];
    }

    private static Value Sum(OpBuilder op, Node n, int bias)
    {
        Value sum = n.In(0) + n.In(1);
        return n.InOrNull(bias) is { } added ? sum + added : sum;
    }
}
