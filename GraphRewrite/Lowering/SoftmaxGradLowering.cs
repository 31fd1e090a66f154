using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>Gradients of Softmax and LogSoftmax; the second input is their output Y, whatever the schema calls it.</summary>
internal static class SoftmaxGradLowering
{
    /// <summary>dX = Y ⊙ (dY − Σ Y ⊙ dY).</summary>
    public static IReadOnlyList<Value?> Softmax(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value y) = (node.In(0), node.In(1));
        return [y * (dY - op.ReduceSum(y * dY, Axes(node), keepDims: true))];
    }

    /// <summary>dX = dY − e^Y Σ dY.</summary>
    public static IReadOnlyList<Value?> LogSoftmax(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value y) = (node.In(0), node.In(1));
        return [dY - (op.Exp(y) * op.ReduceSum(dY, Axes(node), keepDims: true))];
    }

    /// <summary>The forms of opset 13 run over one axis, the older ones over all axes from `axis` on.</summary>
    private static long[] Axes(Node node)
    {
        if (node.Op.Type.EndsWith("_13", StringComparison.Ordinal)) return [node.Int("axis", -1)];
        IR.Shape shape = node.In(0).Shape ?? node.In(1).Shape
            ?? throw node.Refuse($"the rank of its input '{node.In(0).Name}' is not known", "Export the model with shapes");
        int first = shape.Axis(node.Int("axis", 1));
        return IR.Axes.Range(first, shape.Rank - first);
    }
}
