using GraphRewrite.IR.Shapes;

namespace GraphRewrite.IR.Windows;

/// <summary>A window sliding along one axis: kernel k, stride s, dilation d; it spans (k − 1)·d + 1.</summary>
internal readonly record struct Window(long Span, long Stride, long PadBegin, long PadEnd, bool Ceil, bool Same)
{
    public static Window Of(Node n, int axis, int rank, long kernel)
    {
        long[]? pads = n.Ints("pads");
        string auto = n.String("auto_pad", "NOTSET");
        bool explicitPads = auto == "NOTSET" && pads is not null;
        return new(
            ((kernel - 1) * (n.Ints("dilations")?[axis] ?? 1)) + 1,
            n.Ints("strides")?[axis] ?? 1,
            explicitPads ? pads![axis] : 0,
            explicitPads ? pads![rank + axis] : 0,
            n.Int("ceil_mode", 0) != 0,
            auto.StartsWith("SAME", StringComparison.Ordinal));
    }

    /// <summary>⌊(x + pads − span) / s⌋ + 1, or ⌈…⌉ + 1 without a last window that would start in the end padding; ⌈x / s⌉ with SAME padding.</summary>
    public Dim Slide(Node n, Dim x)
    {
        if (Same) return Stride == 1 ? x : x.IsKnown ? CeilDivide(x.Value, Stride) : x / Stride;
        long room = PadBegin + PadEnd - Span;
        if (!x.IsKnown) return Stride == 1 ? x + (room + 1) : Dim.Unknown;
        room += x.Value;
        if (room < 0) throw n.Misfit($"a window of {Span} does not fit into an extent of {x}");
        if (!Ceil) return (room / Stride) + 1;
        long count = CeilDivide(room, Stride) + 1;
        return (count - 1) * Stride >= x.Value + PadBegin ? count - 1 : count;
    }

    /// <summary>The other way round, as ConvTranspose does: s·(x − 1) + span + output padding − pads; s·x with SAME padding.</summary>
    public Dim Spread(Dim x, long outputPadding) => Same ? x * Stride : (x * Stride) + (Span + outputPadding - PadBegin - PadEnd - Stride);

    private static long CeilDivide(long a, long b) => (a + b - 1) / b;
}
