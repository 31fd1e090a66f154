using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels.MaxPool;

namespace GraphRewrite.Lowering;

/// <summary>
/// MaxPoolGrad(dY, mask) → dX: each output's gradient goes to the input that was the maximum of its window, and what overlapping windows send adds
/// up.
/// </summary>
internal static class MaxPoolGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringContext context) =>
        context.Emit(FormulationTable.MaxPoolGradient, op, node, new MaxPoolGradient(node)) ?? throw new GraphRewriteException(
            $"Node {node}: the shape of its output '{node.Out(0).Name}' is not known and its mask '{node.In(1).Name}' is not made by a MaxPool. "
            + "Declare the shape in value_info: run ONNX shape inference on the model.");
}
