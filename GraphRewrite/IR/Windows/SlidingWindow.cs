using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR.Windows;

/// <summary>
/// The window that a convolution or a pool slides over its input, all axes of it (see <see cref="WindowAxis"/>), auto_pad resolved:
/// out = ⌊(in + pads − extent) / stride⌋ + 1 with extent = (kernel − 1) · dilation + 1.
/// </summary>
internal sealed class SlidingWindow
{
    private readonly IReadOnlyList<WindowAxis> axes;
    private readonly long[]? input;
    private readonly long[]? output;

    /// <param name="axes">The window, axis by axis.</param>
    /// <param name="input">The spatial extents of what it slides over; null where they are not known, and no axis needs them.</param>
    public SlidingWindow(IReadOnlyList<WindowAxis> axes, long[]? input)
    {
        this.axes = axes;
        this.input = input;
        output = input is null ? null : [.. axes.Select((axis, i) => axis.Outputs(input[i]).Value)];
        Kernel = [.. axes.Select(axis => axis.Kernel)];
        Strides = [.. axes.Select(axis => axis.Stride)];
        Dilations = [.. axes.Select(axis => axis.Dilation)];
        (long Begin, long End)[] pads = [.. axes.Select((axis, i) => axis.Pads(input?[i] ?? 0))];
        PadsBegin = [.. pads.Select(pad => pad.Begin)];
        PadsEnd = [.. pads.Select(pad => pad.End)];
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    public IReadOnlyList<long> PadsBegin { get; }

    public IReadOnlyList<long> PadsEnd { get; }

    /// <summary>As ONNX writes them: all begins, then all ends.</summary>
    public long[] Pads => [.. PadsBegin, .. PadsEnd];

    /// <summary>The number of axes.</summary>
    public int Rank => Kernel.Length;

    /// <summary>The number of positions in the window.</summary>
    public long Taps => Kernel.Product();

    /// <summary>Whether the extents of the input, hence of the output, are known.</summary>
    public bool IsKnown => input is not null;

    public long[] Input => input ?? throw new InvalidOperationException("The spatial extents are not known.");

    public long[] Output => output ?? throw new InvalidOperationException("The spatial extents are not known.");

    /// <summary>The axes of a value [N, C, …] that the window slides over.</summary>
    public long[] Axes => IR.Axes.Range(2, Rank);

    /// <summary>Whether ceil_mode would add a window, along some axis, that is dropped.</summary>
    public bool DropsWindow => axes.Where((axis, i) => axis.DropsWindow(Input[i])).Any();

    /// <summary>All positions in the window, row-major.</summary>
    public IEnumerable<long[]> Positions => Kernel.Indices();

    /// <summary>The window of a node; the shape is [N, C, spatial…], null where unknown.</summary>
    /// <exception cref="GraphRewriteException">
    /// The input has more axes or fewer; auto_pad needs an input extent that is not known, or cuts the input of a pool.
    /// </exception>
    public static SlidingWindow Of(Node node, long[] kernel, Shape? inputShape)
    {
        WindowAxis[] axes = WindowAxis.AllOf(node, kernel);
        long[]? input = inputShape?.Skip(2).KnownExtents();
        if (input is not null && input.Length != axes.Length) throw node.Refuse($"its window has {axes.Length} axes, its input {input.Length}");
        bool isPool = node.Op.Type.Contains("Pool", StringComparison.Ordinal);
        for (int i = 0; i < axes.Length; i++)
        {
            WindowAxis axis = axes[i];
            string padding = $"auto_pad={axis.AutoPad.Name()} with stride {axis.Stride}";
            if (input is null && axis.NeedsExtent)
                throw node.Refuse(
                    $"{padding} needs the spatial extents of the input, which are not known",
                    "Export with fixed image sizes, or with explicit pads");
            if (input is not null && isPool && axis.CutsInput(input[i]))
                throw node.Refuse($"{padding} beyond the window's extent {axis.Extent} cuts the input", "Export with explicit pads");
        }
        return new(axes, input);
    }

    /// <summary>A window of single positions, of which every n-th along one axis of an input of these extents counts.</summary>
    public static SlidingWindow EveryNth(long n, int axis, long[] input) => Single(input, axis, Position with { Stride = n });

    /// <summary>The window along one axis alone, over an input of these extents.</summary>
    public SlidingWindow Along(int axis, long[] input) => Single(input, axis, axes[axis]);

    public long Extent(int axis) => axes[axis].Extent;

    /// <summary>What all windows together span of the padded input; a strided window may leave a rest.</summary>
    public long Span(int axis) => ((Output[axis] - 1) * Strides[axis]) + Extent(axis);

    /// <summary>Where a position of an output's window lies in the input; below 0 or beyond its extent in the padding.</summary>
    public long At(int axis, long output, long position) =>
        (output * Strides[axis]) + (position * Dilations[axis]) - PadsBegin[axis];

    /// <summary>What the windows leave of the input at its end.</summary>
    public long Rest(int axis) => Math.Max(0, Input[axis] + PadsBegin[axis] - Span(axis));

    /// <summary>The end pad under which the windows just fit (with ceil_mode more than declared), 0 where they leave a rest of the input.</summary>
    public long FittingEndPad(int axis) => Math.Max(0, Span(axis) - Input[axis] - PadsBegin[axis]);

    private static WindowAxis Position => new(1, 1, 1, AutoPad.NotSet, 0, 0, Ceil: false);

    private static SlidingWindow Single(long[] input, int axis, WindowAxis along) =>
        new([.. input.Select((_, i) => i == axis ? along : Position)], input);
}
