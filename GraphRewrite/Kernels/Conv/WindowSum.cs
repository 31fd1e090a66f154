using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The adjoint of sliding a window: what the windows hold is added up where they lie.</summary>
internal static class WindowSum
{
    /// <summary>
    /// ConvTranspose(y, w), y [N, M, OH, OW], w [M, C/g, k…], to the window's known input extents: output_padding makes up for the rest
    /// that a strided window leaves, and the end pad for windows that reach beyond the declared one (ceil_mode).
    /// </summary>
    public static Value Transposed(OpBuilder op, Value y, Value w, SlidingWindow window, long groups) =>
        op.Op("ConvTranspose", [y, w], ("strides", window.Strides), ("dilations", window.Dilations), ("group", groups),
            ("pads", (long[])[.. window.PadsBegin, .. Axes(window).Select(window.FittingEndPad)]), ("output_padding", Rest(window)));

    /// <summary>Whether <see cref="Transposed"/> runs on the device: cuDNN knows no pads that differ at both ends.</summary>
    public static bool CanTranspose(SlidingWindow window, LoweringTarget target) => window.IsKnown
        && (target.Device == ExecutionDevice.Cpu || Axes(window).All(axis => window.PadsBegin[axis] == window.FittingEndPad(axis)));

    /// <summary>ConvTranspose(y, w) without pads, cut to the run-time extents of x: needs no spatial extent.</summary>
    public static Value Cropped(OpBuilder op, Value y, Value w, Value x, SlidingWindow window, long groups)
    {
        Value extents = op.Op("Shape", [x], ("start", 2)) + op.Ints([.. window.PadsBegin]);
        return Crop(op, y, w, extents, [.. window.Strides.Select(stride => stride - 1)], window, groups);
    }

    /// <summary>ConvTranspose(y, w) to the window's known input extents, in the form that the device has.</summary>
    public static Value OfKnown(OpBuilder op, Value y, Value w, SlidingWindow window, long groups, LoweringTarget target)
    {
        if (CanTranspose(window, target)) return Transposed(op, y, w, window, groups);
        Value ends = op.Ints([.. Axes(window).Select(axis => window.PadsBegin[axis] + window.Input[axis])]);
        return Crop(op, y, w, ends, Rest(window), window, groups);
    }

    private static Value Crop(OpBuilder op, Value y, Value w, Value ends, long[] endPads, SlidingWindow window, long groups)
    {
        Value full = op.Op("ConvTranspose", [y, w], ("strides", window.Strides), ("dilations", window.Dilations), ("group", groups));
        full = op.Pad(full, [.. new long[window.Rank + 4], .. endPads]);
        return op.Op("Slice", [full, op.Ints([.. window.PadsBegin]), ends, op.Ints(window.Axes)]);
    }

    private static long[] Rest(SlidingWindow window) => [.. Axes(window).Select(window.Rest)];

    private static IEnumerable<int> Axes(SlidingWindow window) => Enumerable.Range(0, window.Rank);
}
