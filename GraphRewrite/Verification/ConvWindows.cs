using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Where the windows of a Conv lie on its input. Written down here once more, on purpose: what the rewrite is held against shares no code with it.
/// </summary>
/// <param name="conv">The Conv.</param>
/// <param name="kernel">The spatial extents of its weight.</param>
/// <param name="input">The spatial extents of X.</param>
/// <param name="output">The spatial extents of Y.</param>
internal sealed class ConvWindows(Node conv, long[] kernel, long[] input, long[] output)
{
    private readonly long[]? strides = conv.Ints("strides");
    private readonly long[]? dilations = conv.Ints("dilations");
    private readonly long[]? pads = conv.Ints("pads");
    private readonly string autoPad = conv.String("auto_pad", "NOTSET");

    /// <summary>For each output position, row-major, and each tap of the window: the offset in a channel's plane, −1 in the padding.</summary>
    public int[] Offsets()
    {
        long[] begins = [.. input.Select((_, axis) => PadBegin(axis))];
        var offsets = new List<int>();
        foreach (long[] position in output.Indices())
        {
            foreach (long[] tap in kernel.Indices())
            {
                long offset = 0;
                for (int axis = 0; axis < input.Length && offset >= 0; axis++)
                {
                    long at = (position[axis] * Stride(axis)) + (tap[axis] * Dilation(axis)) - begins[axis];
                    offset = at >= 0 && at < input[axis] ? (offset * input[axis]) + at : -1;
                }
                offsets.Add((int)offset);
            }
        }
        return [.. offsets];
    }

    private long Stride(int axis) => strides?[axis] ?? 1;

    private long Dilation(int axis) => dilations?[axis] ?? 1;

    /// <summary>SAME: what all windows span beyond the input, half of it before; the odd one before with SAME_LOWER.</summary>
    private long PadBegin(int axis)
    {
        if (autoPad is "NOTSET" or "") return pads?[axis] ?? 0;
        if (autoPad == "VALID") return 0;
        long span = ((output[axis] - 1) * Stride(axis)) + ((kernel[axis] - 1) * Dilation(axis)) + 1;
        long missing = Math.Max(0, span - input[axis]);
        return autoPad == "SAME_LOWER" ? (missing + 1) / 2 : missing / 2;
    }
}
