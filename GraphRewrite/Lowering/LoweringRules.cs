using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>
/// Standard nodes that compute what a training node computes: one value per output of the node, null for outputs that nobody uses.
/// The builder stands where the node stands; the context knows the target, and chooses formulations.
/// </summary>
internal delegate IReadOnlyList<Value?> LoweringRule(OpBuilder op, Node node, LoweringContext context);

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

        // Activations
        ["com.microsoft::ReluGrad"] = ActivationGradLowering.Relu,
        ["com.microsoft::LeakyReluGrad"] = ActivationGradLowering.LeakyRelu,
        ["com.microsoft::GeluGrad"] = ActivationGradLowering.Gelu,
        ["com.microsoft::FastGeluGrad"] = ActivationGradLowering.FastGelu,
        ["com.microsoft::BiasGeluGrad_dX"] = ActivationGradLowering.BiasGelu,
        ["com.microsoft::BiasFastGeluGrad_dX"] = ActivationGradLowering.BiasFastGelu,
        ["com.microsoft::QuickGeluGrad"] = ActivationGradLowering.QuickGelu,
        ["com.microsoft::SoftmaxGrad"] = SoftmaxGradLowering.Softmax,
        ["com.microsoft::SoftmaxGrad_13"] = SoftmaxGradLowering.Softmax,
        ["com.microsoft::LogSoftmaxGrad"] = SoftmaxGradLowering.LogSoftmax,
        ["com.microsoft::LogSoftmaxGrad_13"] = SoftmaxGradLowering.LogSoftmax,
        ["com.microsoft::DropoutGrad"] = DropoutGradLowering.Lower,

        // Normalization
        ["com.microsoft::BatchNormInternal"] = BatchNormLowering.Forward,
        ["com.microsoft::BatchNormalizationGrad"] = BatchNormLowering.Backward,
        ["com.microsoft::LayerNormalizationGrad"] = LayerNormGradLowering.Full,
        ["com.microsoft::SimplifiedLayerNormalizationGrad"] = LayerNormGradLowering.Simplified,

        // Loss
        ["com.microsoft::SoftmaxCrossEntropyLossGrad"] = CrossEntropyGradLowering.Gradient,
        ["com.microsoft::SoftmaxCrossEntropyLossInternal"] = CrossEntropyGradLowering.InternalLoss,
        ["com.microsoft::SoftmaxCrossEntropyLossInternalGrad"] = CrossEntropyGradLowering.InternalGradient,

        // Moving and summing
        ["com.microsoft::GatherGrad"] = ScatterGradLowering.Gather,
        ["com.microsoft::GatherElementsGrad"] = ScatterGradLowering.GatherElements,
        ["com.microsoft::GatherNDGrad"] = ScatterGradLowering.GatherND,
        ["com.microsoft::SliceGrad"] = ScatterGradLowering.Slice,
        ["com.microsoft::ConcatTraining"] = ConcatSplitLowering.Concat,
        ["com.microsoft::SplitTraining"] = ConcatSplitLowering.Split,
        ["com.microsoft::BroadcastGradientArgs"] = BroadcastGradLowering.Axes,
        ["com.microsoft::DivGrad"] = BroadcastGradLowering.Div,
        ["com.microsoft::ReduceSumTraining"] = (op, n, _) =>
            [op.Op("ReduceSum", [.. n.Inputs], ("keepdims", n.Int("keepdims", 1)), ("noop_with_empty_axes", n.Int("noop_with_empty_axes", 0)))],
        ["com.microsoft::Scale"] = (op, n, _) =>
            [Scale(n.In(0), op.Cast(n.In(1), n.In(0).Type.FloatIfUndefined()), down: n.Int("scale_down", 0) != 0)],
        ["com.microsoft::ZeroGradient"] = (op, n, _) => [op.Expand(op.ScalarLike(n.In(0), 0), op.Shape(n.In(0)))],
        ["com.microsoft::PassThrough"] = (op, n, _) => [.. n.Inputs.Select(x => x is null ? null : op.Identity(x))],
    };

    private static Value Scale(Value x, Value factor, bool down) => down ? x / factor : x * factor;
}
