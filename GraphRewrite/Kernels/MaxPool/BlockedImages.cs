using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>
/// Values [N, C, …] as images [N·C/B, …, B]: B channels lie together where the target has the NCHWc layout and C is a number of whole blocks, else
/// B = 1. Strided slices and interleaving then move B elements at a time.
/// </summary>
/// <param name="op">Where the nodes go.</param>
/// <param name="shape">[N, C, …], C known.</param>
/// <param name="type">What the values are of: the layout is for float.</param>
/// <param name="target">What it is made for.</param>
internal sealed class BlockedImages(OpBuilder op, Shape shape, ElementType type, LoweringTarget target)
{
    private readonly long channels = shape[1].Value;
    private readonly bool blocked = ChannelBlocks.Fit(shape.Rank - 2, shape[1].Value, type, target);

    private ChannelBlocks Blocks => new(op, target.ChannelBlock);

    private long Block => blocked ? target.ChannelBlock : 1;

    /// <summary>X as images.</summary>
    /// <param name="x">X [N, C, …].</param>
    /// <param name="spatial">Its extents behind the channels.</param>
    public Value Of(Value x, long[] spatial) => op.Reshape(blocked ? Blocks.Blocked(x) : x, [-1, .. spatial, Block]);

    /// <summary>The maxima of X's windows along all axes, as images; null where the layout does not fit, or a window might lie in the padding.</summary>
    public Value? Maxima(Value x, SlidingWindow window) =>
        BlockedMaxima(x, window) is { } maxima ? op.Reshape(maxima, [-1, .. window.Output, Block]) : null;

    /// <summary>The same as [N, C, …] in blocks.</summary>
    public Value? BlockedMaxima(Value x, SlidingWindow window) => Fits(window, [.. Enumerable.Range(0, window.Rank)])
        ? Pool(Blocks.Blocked(x), window.Kernel, window.Strides, window.Dilations,
            [.. window.PadsBegin, .. Enumerable.Range(0, window.Rank).Select(window.FittingEndPad)])
        : null;

    /// <summary>The maxima of the windows along one axis, likewise.</summary>
    public Value? Maxima(Value images, SlidingWindow window, int axis)
    {
        if (!Fits(window, axis)) return null;
        return Pool(images, axis, window.Kernel[axis], window.Strides[axis], window.Dilations[axis],
            window.PadsBegin[axis], window.FittingEndPad(axis), window.Output[axis]);
    }

    /// <summary>
    /// Every n-th position of images along an axis, from the first on: what a pool of single positions takes. Null where the layout does not fit.
    /// </summary>
    public Value? EveryNth(Value images, int axis, long n) =>
        blocked ? Pool(images, axis, kernel: 1, stride: n, dilation: 1, begin: 0, end: 0, outputs: (Spatial(images)[axis] + n - 1) / n) : null;

    /// <summary>[N, C, …] in blocks, as it was.</summary>
    public Value Plain(Value x) => Blocks.Plain(x, channels);

    /// <summary>Back to [N, C, …].</summary>
    public Value Restored(Value images, long[] spatial)
    {
        Value x = op.Reshape(images, [-1, channels, .. spatial]);
        return blocked ? Plain(x) : x;
    }

    private static long[] Spatial(Value images) => [.. images.Shape!.Skip(1).SkipLast(1).Select(dim => dim.Value)];

    private bool Fits(SlidingWindow window, params int[] axes) =>
        blocked && axes.All(axis => Math.Max(window.PadsBegin[axis], window.FittingEndPad(axis)) < window.Kernel[axis]);

    /// <summary>The NCHWc pool along one axis.</summary>
    private Value Pool(Value images, int axis, long kernel, long stride, long dilation, long begin, long end, long outputs)
    {
        long[] spatial = Spatial(images), pads = new long[2 * spatial.Length];
        (pads[axis], pads[axis + spatial.Length]) = (begin, end);
        Value maxima = Pool(op.Reshape(images, [-1, channels, .. spatial]), Along(kernel), Along(stride), Along(dilation), pads);
        spatial[axis] = outputs;
        return op.Reshape(maxima, [-1, .. spatial, Block]);

        long[] Along(long value) => [.. spatial.Select((_, i) => i == axis ? value : 1)];
    }

    /// <summary>The runtime's pool of [N, C, …] in blocks, which takes all threads: Max, Split and Slice have one.</summary>
    private Value Pool(Value x, long[] kernel, long[] strides, long[] dilations, long[] pads) => op.Op(
        $"{OpId.Nchwc}::MaxPool", [x], ("kernel_shape", kernel), ("strides", strides), ("dilations", dilations), ("pads", pads));
}
