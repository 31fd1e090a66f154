using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Elements written or read by index.</summary>
internal static class ScatterGradient
{
    /// <summary>dX = zeros with dY added at the indices; batch axes become leading indices.</summary>
    public static IReadOnlyList<Value?> OfGatherND(OpBuilder op, Node n, Value dY)
    {
        Value indices = n.In(1);
        if (n.Int("batch_dims", 0) is > 0 and long batch)
        {
            if (indices.Shape is not { } shape) throw n.Refuse("the rank of its indices is not known", "Run ONNX shape inference on the model");
            Value extents = op.Shape(indices);
            Value one = op.Slice(op.Op("ConstantOfShape", [op.Op("Shape", [extents])], ("value", Tensor.Vector(1L))), [0], [0], [1]);
            Value grid = op.Concat(0, op.Slice(extents, [0], [0], [shape.Rank - 1]), one);
            Value[] leading = [.. Enumerable.Range(0, (int)batch).Select(axis => op.Expand(Positions(op, extents, axis, shape.Rank), grid))];
            indices = op.Concat(shape.Rank - 1, [.. leading, indices]);
        }
        return [op.Op("ScatterND", [op.ZerosLike(n.In(0)), indices, dY], ("reduction", "add"))];
    }

    /// <summary>ScatterND(data, indices, updates).</summary>
    public static IReadOnlyList<Value?> OfScatterND(OpBuilder op, Node n, Value dY) => new Scatter(op, n, "GatherND", []).Gradients(dY);

    /// <summary>ScatterElements(data, indices, updates) along an axis.</summary>
    public static IReadOnlyList<Value?> OfScatterElements(OpBuilder op, Node n, Value dY) =>
        new Scatter(op, n, "GatherElements", [("axis", n.Int("axis", 0))]).Gradients(dY);

    /// <summary>0, 1, … along an axis, shaped to broadcast.</summary>
    private static Value Positions(OpBuilder op, Value extents, int axis, int rank)
    {
        Value count = op.Gather(extents, op.Constant(Tensor.Scalar((long)axis)));
        return op.Unsqueeze(op.Range(count), [.. Axes.Range(0, rank).Where(other => other != axis)]);
    }
}
