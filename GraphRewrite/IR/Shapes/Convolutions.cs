using GraphRewrite.IR.Windows;

namespace GraphRewrite.IR.Shapes;

/// <summary>Conv, ConvTranspose, pools: X [N, C, spatial…] under a sliding window.</summary>
internal static class Convolutions
{
    /// <summary>Y [N, M, …] from X [N, C, …] and W [M, C/group, k…].</summary>
    public static IReadOnlyList<ValueInfo> Conv(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        Shape? w = WeightOf(n, n.Ranked(x, 2));
        Dim channels = w?[0] ?? Dim.Unknown;
        if (n.Op.Domain == OpId.Onnx && w is not null && x[1].IsKnown && w[1].IsKnown && x[1] != w[1] * n.Int("group", 1))
            throw n.Misfit($"X has {x[1]} channels, W takes {w[1] * n.Int("group", 1)}");
        return [new(n.In(0).Type, new([x[0], channels, .. Along(n, w, x, Outputs)]))];

        Dim Outputs(WindowAxis window, int axis) => OutputsOf(n, window, x[2 + axis]);
    }

    /// <summary>Y [N, M, s·(x − 1) + …] from X [N, C, x…] and W [C, M/group, k…].</summary>
    public static IReadOnlyList<ValueInfo> ConvTranspose(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        Shape? w = WeightOf(n, n.Ranked(x, 2));
        Dim channels = w is null ? Dim.Unknown : w[1] * n.Int("group", 1);
        IReadOnlyList<long>? outputPadding = n.Ints("output_padding") is { } given ? n.Counted(given, x.Rank - 2, "entries of output_padding") : null;
        IEnumerable<Dim> spatial = n.Ints("output_shape") is { } sizes
            ? n.Counted(sizes, x.Rank - 2, "entries of output_shape").TakeLast(x.Rank - 2).Select(size => (Dim)size)
            : Along(n, w, x, (window, axis) => window.Spread(x[2 + axis], outputPadding?[axis] ?? 0));
        return [new(n.In(0).Type, new([x[0], channels, .. spatial]))];
    }

    /// <summary>Y [N, C, …], and for MaxPool the flat index of each maximum.</summary>
    public static IReadOnlyList<ValueInfo> Pool(Node n)
    {
        Shape? y = n.In(0).Shape is { } x && n.Ranked(x, 2) is { } ? new([x[0], x[1], .. Along(n, null, x, Outputs)]) : null;
        return [new(n.In(0).Type, y), new(ElementType.Int64, y)];

        // Nothing is claimed where ONNX and ONNX Runtime say different things.
        Dim Outputs(WindowAxis window, int axis) => window.IsDisputedInPools ? Dim.Unknown : OutputsOf(n, window, n.In(0).Shape![2 + axis]);
    }

    /// <summary>Y [N, C, 1…].</summary>
    public static IReadOnlyList<ValueInfo> GlobalPool(Node n) =>
        [new(n.In(0).Type, n.In(0).Shape is { } x && n.Ranked(x, 2) is { } ? new([x[0], x[1], .. Enumerable.Repeat((Dim)1, x.Rank - 2)]) : null)];

    /// <summary>W [M, C/g, k…], which has as many axes as X.</summary>
    private static Shape? WeightOf(Node n, Shape x) =>
        n.In(1).Shape is not { } w || w.Rank == x.Rank ? n.In(1).Shape : throw n.Misfit($"X has {x.Rank} axes, W has {w.Rank}");

    /// <summary>What a window makes of every spatial axis; unknown where its kernel is.</summary>
    private static IEnumerable<Dim> Along(Node n, Shape? w, Shape x, Func<WindowAxis, int, Dim> outputs)
    {
        int rank = x.Rank - 2;
        IReadOnlyList<long>? kernels = n.Ints("kernel_shape") is { } given ? n.Counted(given, rank, "entries of kernel_shape") : null;
        for (int axis = 0; axis < rank; axis++)
        {
            Dim kernel = kernels is not null ? kernels[axis] : w is null ? Dim.Unknown : w[2 + axis];
            yield return kernel.IsKnown ? outputs(WindowAxis.Of(n, axis, rank, kernel.Value), axis) : Dim.Unknown;
        }
    }

    private static Dim OutputsOf(Node n, WindowAxis window, Dim x) => !x.IsKnown || window.Fits(x.Value)
        ? window.Outputs(x)
        : throw n.Misfit($"a window of {window.Extent} does not fit into an extent of {x}");
}
