using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Lowering;

/// <summary>
/// ConvGrad(dY, X, W) → dX, dW, dB, each in the cheapest formulation that fits and only where it is used. dB = Σ dY over all axes but the channels.
/// </summary>
internal static class ConvGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringContext context)
    {
        var conv = new ConvolutionGradient(node)
        {
            IsStackedForGram = context.StackedInputs.Contains(node.In(1)),
            IsSolved = context.SolvedInputs.Contains(node.In(1)),
        };
        return
        [
            node.IsOutputUsed(0) ? Emit(FormulationTable.InputGradient) : null,
            node.IsOutputUsed(1) ? Emit(FormulationTable.WeightGradient) : null,
            node.IsOutputUsed(2) ? new ChannelArithmetic(op, conv.Window.Rank + 2, context.Target).Sum(conv.DY) : null,
        ];

        Value Emit(Part<ConvolutionGradient> part) => context.Emit(part, op, node, conv)?[0] ?? throw new GraphRewriteException(
            $"Node {node}: no formulation of this gradient fits {context.Target.Device}. Export with fixed image sizes.");
    }
}
