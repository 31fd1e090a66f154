using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>What a window sees at one of its positions ("tap"), for all outputs: a strided slice of the padded input.</summary>
internal static class WindowTaps
{
    /// <summary>Of the padded input [N, C, …].</summary>
    public static Value Tap(this SlidingWindow window, OpBuilder op, Value padded, long[] position) =>
        Tap(window, op, padded, position, firstAxis: 2, 0, window.Output[0]);

    /// <summary>Of the padded input [C, …, N], for the outputs in some rows of the first axis.</summary>
    public static Value TapOfRows(this SlidingWindow window, OpBuilder op, Value padded, long[] position, long firstRow, long endRow) =>
        Tap(window, op, padded, position, firstAxis: 1, firstRow, endRow);

    private static Value Tap(SlidingWindow window, OpBuilder op, Value padded, long[] position, int firstAxis, long firstRow, long endRow)
    {
        long[] strides = window.Strides;
        bool strided = strides.Any(stride => stride != 1);
        // A 1x1 window of stride 1 sees everything.
        if (window.Taps == 1 && !strided && endRow - firstRow == window.Output[0]) return padded;
        long[] starts = [.. position.Select((k, axis) => k * window.Dilations[axis])];
        long[] ends = [.. starts.Select((start, axis) => start + (((axis == 0 ? endRow : window.Output[axis]) - 1) * strides[axis]) + 1)];
        starts[0] += firstRow * strides[0];
        return op.Slice(padded, Axes.Range(firstAxis, window.Rank), starts, ends, strided ? strides : null);
    }
}
