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

    /// <summary>
    /// The maxima of the windows along one axis, by the NCHWc pool: Max has one thread. Null where the layout does not fit, or a window might lie in
    /// the padding.
    /// </summary>
    public Value? Maxima(Value images, SlidingWindow window, int axis)
    {
        (long begin, long end) = (window.PadsBegin[axis], window.FittingEndPad(axis));
        if (!blocked || Math.Max(begin, end) >= window.Kernel[axis]) return null;
        long[] spatial = [.. images.Shape!.Skip(1).SkipLast(1).Select(dim => dim.Value)], pads = new long[2 * spatial.Length];
        (pads[axis], pads[axis + spatial.Length]) = (begin, end);
        Value maxima = op.Op($"{OpId.Nchwc}::MaxPool", [op.Reshape(images, [-1, channels, .. spatial])],
            ("kernel_shape", Along(window.Kernel)), ("strides", Along(window.Strides)), ("dilations", Along(window.Dilations)), ("pads", pads));
        spatial[axis] = window.Output[axis];
        return op.Reshape(maxima, [-1, .. spatial, Block]);

        long[] Along(long[] ofAxes) => [.. ofAxes.Select((value, i) => i == axis ? value : 1)];
    }

    /// <summary>Back to [N, C, …].</summary>
    public Value Restored(Value images, long[] spatial)
    {
        Value x = op.Reshape(images, [-1, channels, .. spatial]);
        return blocked ? Blocks.Plain(x, channels) : x;
    }
}
