namespace GraphRewrite.IR.Windows;

/// <summary>
/// A window that slides along one axis, as a node declares it: THE arithmetic of strides, dilations, pads, auto_pad and ceil_mode, for extents known
/// and symbolic. Shape inference, formulations, TrAct's patches and gradients all ask here. What to know of it, with ONNX Runtime 1.31.1:
/// <list type="bullet">
/// <item>SAME padding spans the dilated window. ONNX Runtime's pools leave the dilation out, and have fewer outputs:
/// <see cref="IsDisputedInPools"/>.</item>
/// <item>SAME padding of a stride beyond the window would be negative: Conv leaves the rest of the input unread, pools cut it:
/// <see cref="CutsInput"/>.</item>
/// <item>ceil_mode drops a last window that would begin behind the input and its begin pad: <see cref="DropsWindow"/>. ONNX's static shape inference
/// of MaxPool counts it, so that ONNX Runtime refuses graphs that combine the pool's output with anything of the right shape.</item>
/// <item>With auto_pad other than NOTSET the attribute pads means nothing.</item>
/// </list>
/// </summary>
/// <param name="Kernel">k: positions in the window.</param>
/// <param name="Stride">s: from one window to the next.</param>
/// <param name="Dilation">d: from one position to the next.</param>
/// <param name="AutoPad">How pads are asked for.</param>
/// <param name="DeclaredBegin">Of the attribute pads.</param>
/// <param name="DeclaredEnd">Of the attribute pads.</param>
/// <param name="Ceil">Whether a window that reaches beyond the end counts.</param>
internal readonly record struct WindowAxis(
    long Kernel, long Stride, long Dilation, AutoPad AutoPad, long DeclaredBegin, long DeclaredEnd, bool Ceil)
{
    /// <summary>What one window spans: (k − 1)·d + 1.</summary>
    public long Extent => ((Kernel - 1) * Dilation) + 1;

    /// <summary>Whether the pads follow from strides and extents.</summary>
    public bool IsSame => AutoPad is AutoPad.SameUpper or AutoPad.SameLower;

    /// <summary>Whether a pool has other pads in ONNX Runtime than in ONNX, hence other outputs.</summary>
    public bool IsDisputedInPools => IsSame && Dilation != 1;

    /// <summary>Whether pads, hence outputs, are known only where the input's extent is.</summary>
    public bool NeedsExtent => IsSame && Stride != 1;

    /// <summary>The axis of a node with Conv's or a pool's attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="axis">Which of the spatial axes.</param>
    /// <param name="rank">How many there are.</param>
    /// <param name="kernel">The window's positions along it.</param>
    /// <exception cref="Diagnostics.GraphRewriteException">An attribute has too few entries.</exception>
    public static WindowAxis Of(Node node, int axis, int rank, long kernel) => new(
        kernel,
        Positive(node, "strides", axis, rank),
        Positive(node, "dilations", axis, rank),
        AutoPads.Of(node),
        Entry(node, "pads", axis, 2 * rank, 0),
        Entry(node, "pads", rank + axis, 2 * rank, 0),
        node.Int("ceil_mode", 0) != 0);

    /// <summary>All axes of a node whose window is known.</summary>
    public static WindowAxis[] AllOf(Node node, IReadOnlyList<long> kernel) =>
        [.. kernel.Select((extent, axis) => Of(node, axis, kernel.Count, extent))];

    /// <summary>The pads of an input of this extent; of any extent (0) where <see cref="NeedsExtent"/> is false.</summary>
    public (long Begin, long End) Pads(long x)
    {
        if (AutoPad == AutoPad.NotSet) return (DeclaredBegin, DeclaredEnd);
        if (AutoPad == AutoPad.Valid) return (0, 0);
        long total = Math.Max(0, SameTotal(x));
        return Split(total);
    }

    /// <summary>Whether SAME padding would have to take something away from the input.</summary>
    public bool CutsInput(long x) => IsSame && SameTotal(x) < 0;

    /// <summary>Whether the padded input has room for one window.</summary>
    public bool Fits(long x) => IsSame || Room(x) >= 0;

    /// <summary>
    /// Windows along an input: ⌊(x + pads − extent) / s⌋ + 1, or ⌈…⌉ + 1 without a window that ceil_mode drops; ⌈x / s⌉ with SAME padding.
    /// Of a symbolic extent what follows from it, or unknown.
    /// </summary>
    public Dim Outputs(Dim x)
    {
        if (IsSame) return Stride == 1 ? x : x.IsKnown ? CeilDivide(x.Value, Stride) : x / Stride;
        if (!x.IsKnown) return Stride == 1 ? x + (Room(0) + 1) : Dim.Unknown;
        return DropsWindow(x.Value) ? Windows(x.Value) - 1 : Windows(x.Value);
    }

    /// <summary>Whether ceil_mode would add a window that begins behind the input and its begin pad, which is dropped.</summary>
    public bool DropsWindow(long x) => Ceil && !IsSame && (Windows(x) - 1) * Stride >= x + Pads(x).Begin;

    /// <summary>The other way round, as ConvTranspose does: s·(x − 1) + extent + output padding − pads; s·x with SAME padding.</summary>
    public Dim Spread(Dim x, long outputPadding)
    {
        if (IsSame) return x * Stride;
        (long begin, long end) = Pads(0);
        return (x * Stride) + (Extent + outputPadding - begin - end - Stride);
    }

    /// <summary>
    /// The pads under which a ConvTranspose of x has y outputs: what it would exceed them by, an odd one at the end with SAME_UPPER and at the begin
    /// else, without auto_pad too.
    /// </summary>
    public (long Begin, long End) PadsOfSpread(long x, long y, long outputPadding)
    {
        long full = (Stride * (x - 1)) + outputPadding + Extent;
        return Split(Math.Max(0, full - y));
    }

    private (long Begin, long End) Split(long total)
    {
        long less = total / 2;
        return AutoPad == AutoPad.SameUpper ? (less, total - less) : (total - less, less);
    }

    /// <summary>What ⌈x / s⌉ windows span beyond the input; extent − 1 with stride 1, whatever the input.</summary>
    private long SameTotal(long x) => Stride == 1 ? Extent - 1 : ((CeilDivide(x, Stride) - 1) * Stride) + Extent - x;

    private long Room(long x) => x + Pads(x).Begin + Pads(x).End - Extent;

    private long Windows(long x) => ((Room(x) + (Ceil ? Stride - 1 : 0)) / Stride) + 1;

    private static long CeilDivide(long a, long b) => (a + b - 1) / b;

    private static long Positive(Node node, string attribute, int at, int count) =>
        Entry(node, attribute, at, count, 1) is > 0 and var entry ? entry : throw node.Misfit($"{attribute} must be positive");

    private static long Entry(Node node, string attribute, int at, int count, long otherwise)
    {
        if (node.Ints(attribute) is not { } entries) return otherwise;
        return entries.Length >= count ? entries[at] : throw node.Misfit($"{attribute} has {entries.Length} entries, not {count}");
    }
}
