using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Lowering;

/// <summary>ConvGrad(dY, X, W) → dX, dW, dB, each in the cheapest form that fits and only where it is used. dB = Σ dY over all axes but the channels.</summary>
internal static class ConvGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringTarget target)
    {
        var conv = Convolution.Of(node);
        return
        [
            IsUsed(node, 0) ? Cheapest("dX", ConvInputGradient.Forms, node, conv, target).Emit(op, conv, target) : null,
            IsUsed(node, 1) ? Cheapest("dW", ConvWeightGradient.Forms, node, conv, target).Emit(op, conv, target) : null,
            IsUsed(node, 2) ? op.ReduceSum(conv.Y, [0, .. conv.Window.Axes], keepDims: false) : null,
        ];
    }

    private static bool IsUsed(Node node, int output) => node.OutOrNull(output) is { } value && (value.Uses.Count > 0 || value.IsGraphOutput);

    private static IConvForm Cheapest(string part, IEnumerable<IConvForm> forms, Node node, Convolution conv, LoweringTarget target) =>
        target.Forms.Choose(node.Name, part, forms.Where(form => form.CanLower(conv, target)), form => form.Cost(conv, target))
            ?? throw new GraphRewriteException($"Node {node}: no formulation of this gradient fits {target.Device}. Export with fixed image sizes.");
}
