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
    public Value Of(Value x, long[] spatial) => Images(blocked ? Blocks.Blocked(x) : x, spatial);

    /// <summary>The maxima of X's windows, as images; null where the layout does not fit, or a window might lie in the padding.</summary>
    public Value? Maxima(Value x, SlidingWindow window) => BlockedMaxima(x, window) is { } maxima ? Images(maxima, window.Output) : null;

    /// <summary>The same as [N, C, …] in blocks.</summary>
    public Value? BlockedMaxima(Value x, SlidingWindow window) => Fits(window) ? Pool(Blocks.Blocked(x), window) : null;

    /// <summary>The maxima of the windows along one axis of images, likewise.</summary>
    public Value? Maxima(Value images, SlidingWindow window, int axis) => Pooled(images, window.Along(axis, Spatial(images)));

    /// <summary>Every n-th position of images along an axis, from the first on: what a pool of single positions takes; likewise.</summary>
    public Value? EveryNth(Value images, int axis, long n) => Pooled(images, SlidingWindow.EveryNth(n, axis, Spatial(images)));

    /// <summary>[N, C, …] in blocks, as it was.</summary>
    public Value Plain(Value x) => Blocks.Plain(x, channels);

    /// <summary>Back to [N, C, …].</summary>
    public Value Restored(Value images, long[] spatial)
    {
        Value x = op.Reshape(images, [-1, channels, .. spatial]);
        return blocked ? Plain(x) : x;
    }

    private static long[] Spatial(Value images) => [.. images.Shape!.Skip(1).SkipLast(1).Select(dim => dim.Value)];

    private bool Fits(SlidingWindow window) => blocked
        && window.Kernel.Index().All(axis => Math.Max(window.PadsBegin[axis.Index], window.FittingEndPad(axis.Index)) < axis.Item);

    private Value? Pooled(Value images, SlidingWindow window) =>
        Fits(window) ? Images(Pool(op.Reshape(images, [-1, channels, .. window.Input]), window), window.Output) : null;

    private Value Images(Value x, long[] spatial) => op.Reshape(x, [-1, .. spatial, Block]);

    /// <summary>The runtime's pool of [N, C, …] in blocks, which takes all threads: Max, Split and Slice have one.</summary>
    private Value Pool(Value x, SlidingWindow window) => op.Op($"{OpId.Nchwc}::MaxPool", [x],
        ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations),
        ("pads", (long[])[.. window.PadsBegin, .. Enumerable.Range(0, window.Rank).Select(window.FittingEndPad)]));
}
