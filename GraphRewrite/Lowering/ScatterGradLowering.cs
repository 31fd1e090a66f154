using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>Gradients of Gather, GatherElements, GatherND and Slice: zeros of the input's shape, dY added where the forward pass read.</summary>
internal static class ScatterGradLowering
{
    /// <summary>GatherGrad(shape, indices, dY): dX[…, indices[k], …] += dY[…, k, …].</summary>
    public static IReadOnlyList<Value?> Gather(OpBuilder op, Node node, LoweringContext context)
    {
        (Value shape, Value indices, Value dY) = (node.In(0), node.In(1), node.In(2));
        int rank = RankOf(node, shape);
        int axis = Axis(node, rank);
        int indexRank = indices.Shape?.Rank ?? (dY.Shape?.Rank - rank + 1)
            ?? throw node.Refuse($"the rank of its indices '{indices.Name}' is not known", "Export the model with shapes");

        // The index's axes become one, so that dY has X's rank.
        Value rows = indexRank switch
        {
            0 => op.Unsqueeze(dY, axis),
            1 => dY,
            _ => op.Reshape(dY, op.Concat(0, [.. Dims(op, shape, 0, axis), op.Ints(-1), .. Dims(op, shape, axis + 1, rank)])),
        };
        if (indices.Elements.KnownExtents() is [var index] && Known(shape, axis) is { } extent)
            return [Between(op, rows, rank, axis, index < 0 ? index + extent : index, extent)];

        long[] column = [.. Enumerable.Range(0, rank).Select(i => i == axis ? -1L : 1L)];
        Value places = op.Expand(op.Reshape(indices, column), op.Shape(rows));
        return [op.Op("ScatterElements", [Zeros(op, shape, dY), places, rows], ("axis", axis), ("reduction", "add"))];
    }

    /// <summary>GatherElementsGrad(dY, shape, indices).</summary>
    public static IReadOnlyList<Value?> GatherElements(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value shape, Value indices) = (node.In(0), node.In(1), node.In(2));
        return [op.Op("ScatterElements", [Zeros(op, shape, dY), indices, dY], ("axis", node.Int("axis", 0)), ("reduction", "add"))];
    }

    /// <summary>GatherNDGrad(shape, indices, dY), without batch axes.</summary>
    public static IReadOnlyList<Value?> GatherND(OpBuilder op, Node node, LoweringContext context)
    {
        if (node.Int("batch_dims", 0) != 0) throw node.Refuse("batch_dims other than 0 is not supported");
        (Value shape, Value indices, Value dY) = (node.In(0), node.In(1), node.In(2));
        return [op.Op("ScatterND", [Zeros(op, shape, dY), op.Cast(indices, ElementType.Int64), dY], ("reduction", "add"))];
    }

    /// <summary>
    /// SliceGrad(dY, shape, starts, ends [, axes [, steps]]). With constant bounds of step 1 dY stands between zeros; else the flat positions of X
    /// are sliced as X was, and dY goes there.
    /// </summary>
    public static IReadOnlyList<Value?> Slice(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value shape) = (node.In(0), node.In(1));
        if (Paddings(node) is { } pads) return [op.Pad(dY, pads) is var padded && padded == dY ? op.Identity(dY) : padded];

        Value size = op.Op("ReduceProd", [shape], ("keepdims", false));
        Value read = op.Op("Slice", [op.Reshape(op.Range(size), shape), .. node.Inputs.Skip(2)]);
        Value zeros = Zeros(op, op.Reshape(size, 1), dY);
        return [op.Reshape(op.Op("ScatterElements", [zeros, op.Reshape(read, -1), op.Reshape(dY, -1)], ("axis", 0)), shape)];
    }

    private static long[]? Paddings(Node node)
    {
        if (node.In(0).Shape is not { } shape) return null;
        if (node.In(2).Elements.KnownExtents() is not { } starts || node.In(3).Elements.KnownExtents() is not { } ends) return null;
        if (node.InOrNull(5) is { } steps && (steps.Elements.KnownExtents() is not { } known || known.Any(step => step != 1))) return null;
        long[]? axes = node.InOrNull(4) is { } given ? given.Elements.KnownExtents() : Axes.Range(0, starts.Length);
        if (axes is null) return null;
        var pads = new long[2 * shape.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = shape.Axis(axes[i]);
            if (Known(node.In(1), axis) is not { } extent) return null;
            pads[axis] = Clamp(starts[i], extent);
            pads[shape.Rank + axis] = extent - Clamp(ends[i], extent);
            if (pads[axis] + pads[shape.Rank + axis] > extent) return null; // an empty slice
        }
        return pads;
    }

    private static long Clamp(long bound, long extent) => Math.Clamp(bound < 0 ? bound + extent : bound, 0, extent);

    private static Value Between(OpBuilder op, Value rows, int rank, int axis, long begin, long extent)
    {
        var pads = new long[2 * rank];
        (pads[axis], pads[rank + axis]) = (begin, extent - begin - 1);
        return pads.All(pad => pad == 0) ? op.Identity(rows) : op.Pad(rows, pads);
    }

    private static Value Zeros(OpBuilder op, Value shape, Value like) =>
        op.Op("ConstantOfShape", [shape], ("value", Tensor.Filled(like.Type.FloatIfUndefined(), [1], 0)));

    private static IEnumerable<Value> Dims(OpBuilder op, Value shape, int from, int to) => from == to ? [] : [op.Slice(shape, [0], [from], [to])];

    private static long? Known(Value shape, int axis) => shape.Elements?[axis] is { IsKnown: true } extent ? extent.Value : null;

    private static int Axis(Node node, int rank) => (int)(node.Int("axis", 0) is var axis && axis < 0 ? axis + rank : axis);

    private static int RankOf(Node node, Value shape) => shape.Elements?.Count
        ?? (shape.Shape is [{ IsKnown: true } length] ? (int)length.Value : node.OutOrNull(0)?.Shape?.Rank)
        ?? throw node.Refuse("the rank of its output is not known", "Export the model with shapes");
}
