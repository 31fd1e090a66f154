namespace GraphRewrite.IR.Windows;

/// <summary>How a layer cuts its input into rows: all leading axes (linear layers), or a window at each output position (Conv).</summary>
internal sealed record PatchGeometry
{
    public bool IsConv { get; private init; }

    /// <summary>Whether a linear layer's input is stored [n, b].</summary>
    public bool TransposedX { get; private init; }

    public long Groups { get; private init; } = 1;

    /// <summary>Input channels of one group, or input features.</summary>
    public long Channels { get; private init; }

    /// <summary>The window of a Conv, axis by axis.</summary>
    public IReadOnlyList<WindowAxis> Axes { get; private init; } = [];

    public long[] Kernel => [.. Axes.Select(axis => axis.Kernel)];

    public long[] Strides => [.. Axes.Select(axis => axis.Stride)];

    public long[] Dilations => [.. Axes.Select(axis => axis.Dilation)];

    /// <summary>All begins, then all ends, as declared; not meant where <see cref="AutoPad"/> is set.</summary>
    public long[] Pads => [.. Axes.Select(axis => axis.DeclaredBegin), .. Axes.Select(axis => axis.DeclaredEnd)];

    public AutoPad AutoPad => Axes.Count == 0 ? AutoPad.NotSet : Axes[0].AutoPad;

    /// <summary>Positions in the window.</summary>
    public long Taps => Kernel.Product();

    /// <summary>n: the features of a row, of one group.</summary>
    public long Features => Channels * Taps;

    public static PatchGeometry Linear(long features, bool transposedX) => new() { Channels = features, TransposedX = transposedX };

    /// <summary>From a node with Conv's attributes and the weight's extents [M, C/g, k…].</summary>
    public static PatchGeometry Conv(Node node, IReadOnlyList<long> weight) => new()
    {
        IsConv = true,
        Groups = node.Int("group", 1),
        Channels = weight[1],
        Axes = WindowAxis.AllOf(node, [.. weight.Skip(2)]),
    };

    /// <summary>From the attributes of one of this project's own operators, as <see cref="Attributes"/> wrote them.</summary>
    public static PatchGeometry Of(Node node) => node.Ints("kernel_shape") is { } kernel
        ? Conv(node, [0, node.Int("channels", 0), .. kernel])
        : Linear(node.Int("channels", 0), node.Int("transA", 0) != 0);

    public (string Name, object Value)[] Attributes() => IsConv
        ? [
            ("channels", Channels), ("group", Groups), ("kernel_shape", Kernel),
            ("strides", Strides), ("dilations", Dilations), ("pads", Pads), ("auto_pad", AutoPad.Name()),
        ]
        : [("channels", Channels), ("transA", TransposedX)];

    /// <summary>The window over an input [N, C, …] of known spatial extents; null for others, and for linear layers.</summary>
    public SlidingWindow? Window(Shape? x) => IsConv && x?.Skip(2).KnownExtents() is { } spatial ? new(Axes, spatial) : null;

    /// <summary>b: the rows of an input of this shape.</summary>
    public Dim Rows(Shape? x)
    {
        if (x is null) return Dim.Unknown;
        if (!IsConv) return TransposedX ? x[1] : new Shape([.. x.SkipLast(1)]).Size;
        return Window(x) is { } window ? x[0] * window.Output.Product() : Dim.Unknown;
    }
}
