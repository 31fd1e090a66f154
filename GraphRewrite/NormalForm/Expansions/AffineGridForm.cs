using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// AffineGrid(θ [N, d, d + 1], size [N, C, spatial…]) → grid [N, spatial…, d]: the places of the elements between −1 and 1, innermost axis first,
/// and a 1, times θᵀ.
/// </summary>
internal static class AffineGridForm
{
    public static IReadOnlyList<Value?> Write(OpBuilder op, Node n)
    {
        (Value theta, Value size) = (n.In(0), n.In(1));
        if (theta.Shape is not { Rank: 3 } shape || !shape[1].IsKnown)
            throw n.Refuse("the shape of θ is not known", "Run ONNX shape inference on the model");
        int axes = (int)shape[1].Value;
        Value spatial = op.Slice(size, [0], [2], [2 + axes]);
        Value[] coordinates = [.. Enumerable.Range(0, axes).Reverse().Select(axis => Along(op, n, spatial, axis, axes, theta))];
        Value one = op.Expand(op.ScalarLike(theta, 1), spatial);
        Value places = op.Concat(axes, [.. coordinates.Append(one).Select(coordinate => op.Unsqueeze(coordinate, -1))]); // [spatial…, d + 1]
        Value grid = op.MatMul(op.Reshape(places, -1, axes + 1), op.Transpose(theta, 0, 2, 1)); // [N, S, d]
        return [op.Reshape(grid, op.Concat(0, op.Ints(0), spatial, op.Ints(axes)))];
    }

    /// <summary>2i / (E − 1) − 1 with align_corners, else (2i + 1) / E − 1, over the whole grid.</summary>
    private static Value Along(OpBuilder op, Node n, Value spatial, int axis, int axes, Value like)
    {
        Value extent = op.Gather(spatial, Sampling.Long(op, axis));
        ElementType type = like.Type.FloatIfUndefined();
        Value i = op.Cast(op.Range(extent), type), one = op.ScalarLike(like, 1), twice = i + i;
        Value place = n.Int("align_corners", 0) != 0
            ? (twice / op.Cast(op.Op("Max", [extent - Sampling.Long(op, 1), Sampling.Long(op, 1)]), type)) - one
            : ((twice + one) / op.Cast(extent, type)) - one;
        Value shaped = op.Reshape(place, [.. Enumerable.Range(0, axes).Select(other => other == axis ? -1L : 1)]);
        return op.Expand(shaped, spatial);
    }
}
