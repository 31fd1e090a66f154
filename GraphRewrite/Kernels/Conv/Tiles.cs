using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>Windows that lie side by side (kernel = stride, no pads): X is cut into patches without a copy of anything twice.</summary>
internal static class Tiles
{
    public static bool Fit(SlidingWindow window) => window.IsKnown && window.Kernel.SequenceEqual(window.Strides)
        && window.Dilations.All(dilation => dilation == 1) && window.Pads.All(pad => pad == 0);

    /// <summary>X [N, C, …] → [N·P, C·K], P the output positions, the features in W's order.</summary>
    public static Value Rows(OpBuilder op, Value x, SlidingWindow window)
    {
        long[] outputAxes = [.. Axes(window).Select(axis => 2L + (2 * axis))], kernelAxes = [.. outputAxes.Select(axis => axis + 1)];
        return op.Reshape(op.Transpose(Cut(op, x, window), [0, .. outputAxes, 1, .. kernelAxes]), -1, Channels(x) * window.Taps);
    }

    /// <summary>X [N, C, …] → [N, C·K, P].</summary>
    public static Value Planes(OpBuilder op, Value x, SlidingWindow window)
    {
        long[] outputAxes = [.. Axes(window).Select(axis => 2L + (2 * axis))], kernelAxes = [.. outputAxes.Select(axis => axis + 1)];
        return op.Reshape(op.Transpose(Cut(op, x, window), [0, 1, .. kernelAxes, .. outputAxes]), 0, Channels(x) * window.Taps, -1);
    }

    /// <summary>[N, C, OH, kh, OW, kw], what the windows leave of X cut off.</summary>
    private static Value Cut(OpBuilder op, Value x, SlidingWindow window)
    {
        long[] ends = [.. Axes(window).Select(window.Span)];
        if (!ends.SequenceEqual(window.Input)) x = op.Slice(x, window.Axes, new long[window.Rank], ends);
        return op.Reshape(x, [0, Channels(x), .. Axes(window).SelectMany(axis => new[] { window.Output[axis], window.Kernel[axis] })]);
    }

    private static long Channels(Value x) => x.Shape![1].Value;

    private static IEnumerable<int> Axes(SlidingWindow window) => Enumerable.Range(0, window.Rank);
}
