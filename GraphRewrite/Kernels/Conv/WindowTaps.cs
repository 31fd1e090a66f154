using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>What a window sees at one of its positions ("tap"), for all outputs: a strided slice of the padded input.</summary>
internal static class WindowTaps
{
    /// <summary>Of the padded input [N, C, …].</summary>
    public static Value Tap(this SlidingWindow window, OpBuilder op, Value padded, long[] position)
    {
        long[] strides = window.Strides;
        // A 1x1 window of stride 1 sees everything.
        if (window.Taps == 1 && strides.All(stride => stride == 1)) return padded;
        long[] starts = [.. position.Select((k, axis) => k * window.Dilations[axis])];
        long[] ends = [.. starts.Select((start, axis) => start + ((window.Output[axis] - 1) * strides[axis]) + 1)];
        return op.Slice(padded, window.Axes, starts, ends, strides);
    }
}
