using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// GridSample(X [N, C, spatial…], grid [N, out…, axes]) → Y [N, C, out…]: X between its elements at the grid's places, the innermost axis first.
/// −1 and 1 are the ends of an axis: its outermost elements' centers (align_corners) or edges.
/// </summary>
internal static class GridSampleForm
{
    public static IReadOnlyList<Value?> Write(OpBuilder op, Node n)
    {
        (Value x, Value grid) = (n.In(0), n.In(1));
        if (x.Shape is not { Rank: > 2 } shape) throw n.Refuse("the rank of its input is not known", "Run ONNX shape inference on the model");
        int axes = shape.Rank - 2;
        bool aligned = n.Int("align_corners", 0) != 0;
        Outside outside = n.String("padding_mode", "zeros") switch
        {
            "zeros" => Sampling.Zeros,
            "border" => Sampling.Border,
            "reflection" => Sampling.Mirrored(atElements: aligned),
            string other => throw n.Refuse($"padding_mode={other} has no gradient here"),
        };
        Value[] extents = [.. Enumerable.Range(0, axes).Select(axis => op.Extent(x, 2 + axis))];
        Tap[][] taps = [.. extents.Select((extent, axis) => Along(op, n, Place(op, grid, axes - 1 - axis, extent, aligned), extent, outside))];

        // Each example has its own rows of X.
        Value examples = op.Reshape(op.Range(op.Extent(x, 0)), [-1, .. Enumerable.Repeat(1L, axes)]);
        Value start = examples * extents.Aggregate((a, b) => a * b);
        IEnumerable<Tap> all = Sampling.Product(op, taps, extents).Select(tap => tap with { Index = tap.Index + start });
        Value y = Sampling.Read(op, Sampling.Rows(op, x), all); // [N, out…, C]
        return [op.Transpose(y, [0, axes + 1, .. Axes.Range(1, axes)])];
    }

    /// <summary>((g + 1) (E − 1)) / 2, or ((g + 1) E − 1) / 2.</summary>
    private static Value Place(OpBuilder op, Value grid, int coordinate, Value extent, bool aligned)
    {
        Value g = op.Gather(grid, Sampling.Long(op, coordinate), axis: grid.Shape?.Rank - 1 ?? -1);
        Value one = op.ScalarLike(g, 1), e = op.Cast(extent, g.Type.FloatIfUndefined()), half = op.ScalarLike(g, 0.5);
        return (aligned ? (g + one) * (e - one) : ((g + one) * e) - one) * half;
    }

    private static Tap[] Along(OpBuilder op, Node n, Value at, Value extent, Outside outside) => n.String("mode", "linear") switch
    {
        "linear" or "bilinear" => Sampling.Linear(op, at, extent, outside),
        "nearest" => Sampling.Nearest(op, at, extent, outside),
        "cubic" or "bicubic" => Sampling.Cubic(op, at, extent, outside),
        string other => throw n.Refuse($"mode={other} has no gradient here"),
    };
}
