using GraphRewrite.IR.Windows;

namespace GraphRewrite.IR.Shapes;

/// <summary>Conv, ConvTranspose, pools: X [N, C, spatial…] under a sliding window.</summary>
internal static class Convolutions
{
    /// <summary>Y [N, M, …] from X [N, C, …] and W [M, C/group, k…].</summary>
    public static IReadOnlyList<ValueInfo> Conv(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        Shape? w = n.In(1).Shape;
        Dim channels = w?[0] ?? Dim.Unknown;
        if (n.Op.Domain == OpId.Onnx && w is not null && x[1].IsKnown && w[1].IsKnown && x[1] != w[1] * n.Int("group", 1))
            throw n.Misfit($"X has {x[1]} channels, W takes {w[1] * n.Int("group", 1)}");
        return [new(n.In(0).Type, new([x[0], channels, .. Spatial(n, x, axis => Kernel(n, w, axis))]))];
    }

    /// <summary>Y [N, M, s·(x − 1) + …] from X [N, C, x…] and W [C, M/group, k…].</summary>
    public static IReadOnlyList<ValueInfo> ConvTranspose(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        Shape? w = n.In(1).Shape;
        long[]? sizes = n.Ints("output_shape");
        Dim channels = w is null ? Dim.Unknown : w[1] * n.Int("group", 1);
        IEnumerable<Dim> spatial = Enumerable.Range(0, x.Rank - 2).Select(axis =>
            sizes is not null ? sizes[sizes.Length - (x.Rank - 2) + axis]
            : Kernel(n, w, axis) is { IsKnown: true } kernel ? Window.Of(n, axis, x.Rank - 2, kernel.Value).Spread(x[2 + axis], n.Ints("output_padding")?[axis] ?? 0)
            : Dim.Unknown);
        return [new(n.In(0).Type, new([x[0], channels, .. spatial]))];
    }

    /// <summary>Y [N, C, …], and for MaxPool the flat index of each maximum.</summary>
    public static IReadOnlyList<ValueInfo> Pool(Node n)
    {
        Shape? y = n.In(0).Shape is { } x ? new([x[0], x[1], .. Spatial(n, x, axis => PoolKernel(n, axis))]) : null;
        return [new(n.In(0).Type, y), new(ElementType.Int64, y)];
    }

    /// <summary>Y [N, C, 1…].</summary>
    public static IReadOnlyList<ValueInfo> GlobalPool(Node n) =>
        [new(n.In(0).Type, n.In(0).Shape is { } x ? new([x[0], x[1], .. Enumerable.Repeat((Dim)1, x.Rank - 2)]) : null)];

    private static IEnumerable<Dim> Spatial(Node n, Shape x, Func<int, Dim> kernel) => Enumerable.Range(0, x.Rank - 2).Select(axis =>
        kernel(axis) is { IsKnown: true } k ? Window.Of(n, axis, x.Rank - 2, k.Value).Slide(n, x[2 + axis]) : Dim.Unknown);

    /// <summary>ONNX Runtime leaves the dilation out of SAME padding and returns less than ⌈x / s⌉; ONNX says otherwise, so nothing is claimed.</summary>
    private static Dim PoolKernel(Node n, int axis) =>
        n.String("auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal) && n.Ints("dilations") is { } dilations && dilations[axis] != 1
            ? Dim.Unknown
            : Kernel(n, null, axis);

    private static Dim Kernel(Node n, Shape? w, int axis) => n.Ints("kernel_shape") is { } kernel ? kernel[axis] : w is null ? Dim.Unknown : w[2 + axis];
}
