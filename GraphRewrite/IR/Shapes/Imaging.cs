using GraphRewrite.IR.Windows;

namespace GraphRewrite.IR.Shapes;

/// <summary>Operators that read or write images at places of their own: GridSample, RoiAlign, DeformConv, AffineGrid, Col2Im, MaxUnpool.</summary>
internal static class Imaging
{
    /// <summary>Y [N, C, out…] from X [N, C, …] and grid [N, out…, axes].</summary>
    public static IReadOnlyList<ValueInfo> GridSample(Node n)
    {
        if (n.In(0).Shape is not { } x || n.In(1).Shape is not { } grid) return [new(n.In(0).Type, null)];
        return [new(n.In(0).Type, new([.. n.Ranked(x, 2).Take(2), .. n.Ranked(grid, 2).Skip(1).SkipLast(1)]))];
    }

    /// <summary>Y [R, C, output_height, output_width] from X [N, C, H, W] and rois [R, 4].</summary>
    public static IReadOnlyList<ValueInfo> RoiAlign(Node n)
    {
        Dim rois = n.In(1).Shape is { Rank: > 0 } regions ? regions[0] : Dim.Unknown;
        Dim channels = n.In(0).Shape is { Rank: > 1 } x ? x[1] : Dim.Unknown;
        return [new(n.In(0).Type, Shape.Of(rois, channels, n.Int("output_height", 1), n.Int("output_width", 1)))];
    }

    /// <summary>Y [N, M, oh, ow]: the offset has its spatial extents.</summary>
    public static IReadOnlyList<ValueInfo> DeformConv(Node n)
    {
        if (n.In(0).Shape is not { Rank: 4 } x || n.In(2).Shape is not { Rank: 4 } offset) return [new(n.In(0).Type, null)];
        Dim channels = n.In(1).Shape is { Rank: 4 } w ? w[0] : Dim.Unknown;
        return [new(n.In(0).Type, Shape.Of(x[0], channels, offset[2], offset[3]))];
    }

    /// <summary>[N, spatial…, axes] by the size [N, C, spatial…].</summary>
    public static IReadOnlyList<ValueInfo> AffineGrid(Node n)
    {
        if (n.In(1).Contents() is not { Count: > 2 } size) return [new(n.In(0).Type, null)];
        return [new(n.In(0).Type, new([size[0], .. size.Skip(2), size.Count - 2]))];
    }

    /// <summary>Y [N, C, image…] from X [N, C · block, L].</summary>
    public static IReadOnlyList<ValueInfo> Col2Im(Node n)
    {
        if (n.In(1).Contents() is not { } image) return [new(n.In(0).Type, null)];
        bool isKnown = n.In(2).TryElements(out long[]? block);
        Shape? x = n.In(0).Shape is { Rank: 3 } columns ? columns : null;
        Dim channels = isKnown && x is not null ? x[1] / block!.Product() : Dim.Unknown;
        return [new(n.In(0).Type, new([x?[0] ?? Dim.Unknown, channels, .. image]))];
    }

    /// <summary>What MaxPool with the same window took: (x − 1) s + k − pads, unless it is given.</summary>
    public static IReadOnlyList<ValueInfo> MaxUnpool(Node n)
    {
        if (n.InOrNull(2) is { } given) return [new(n.In(0).Type, given.Contents() is { } dims ? new(dims) : null)];
        if (n.In(0).Shape is not { Rank: > 2 } x || n.Ints("kernel_shape") is not { } kernel || kernel.Length != x.Rank - 2)
            return [new(n.In(0).Type, null)];
        WindowAxis[] windows = WindowAxis.AllOf(n, kernel);
        return [new(n.In(0).Type, new([x[0], x[1], .. windows.Select((window, axis) => window.Spread(x[2 + axis], 0))]))];
    }

    /// <summary>X with the given extents along the given axes.</summary>
    public static IReadOnlyList<ValueInfo> CenterCropPad(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        long[] axes = n.Ints("axes") ?? Axes.Range(0, x.Rank);
        Dim[] dims = [.. x];
        IReadOnlyList<Dim>? contents = n.In(1).Contents();
        IReadOnlyList<Dim> wanted = contents?.Count >= axes.Length ? contents : NodeReading.Unknowns(axes.Length);
        for (int i = 0; i < axes.Length; i++) dims[n.Axis(x, axes[i])] = wanted[i];
        return [new(n.In(0).Type, new(dims))];
    }

    /// <summary>One number for each matrix.</summary>
    public static IReadOnlyList<ValueInfo> Det(Node n) =>
        [new(n.In(0).Type, n.In(0).Shape is { } x ? new([.. n.Ranked(x, 2).SkipLast(2)]) : null)];
}
