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

    public long[] Kernel { get; private init; } = [];

    public long[] Strides { get; private init; } = [];

    public long[] Dilations { get; private init; } = [];

    /// <summary>All begins, then all ends; not meant where <see cref="AutoPad"/> is set.</summary>
    public long[] Pads { get; private init; } = [];

    public string AutoPad { get; private init; } = "NOTSET";

    public int Rank => Kernel.Length;

    /// <summary>Positions in the window.</summary>
    public long Taps => Kernel.Aggregate(1L, (product, k) => product * k);

    /// <summary>n: the features of a row, of one group.</summary>
    public long Features => Channels * Taps;

    public static PatchGeometry Linear(long features, bool transposedX) => new() { Channels = features, TransposedX = transposedX };

    /// <summary>From a node with Conv's attributes and the weight's extents [M, C/g, k…].</summary>
    public static PatchGeometry Conv(Node node, IReadOnlyList<long> weight)
    {
        long[] kernel = [.. weight.Skip(2)];
        long[] ones = [.. kernel.Select(_ => 1L)];
        return new()
        {
            IsConv = true,
            Groups = node.Int("group", 1),
            Channels = weight[1],
            Kernel = kernel,
            Strides = node.Ints("strides") ?? ones,
            Dilations = node.Ints("dilations") ?? ones,
            Pads = node.Ints("pads") ?? [.. kernel.Concat(kernel).Select(_ => 0L)],
            AutoPad = node.String("auto_pad", "NOTSET"),
        };
    }

    /// <summary>From the attributes of one of this project's own operators, as <see cref="Attributes"/> wrote them.</summary>
    public static PatchGeometry Of(Node node) => node.Ints("kernel_shape") is { } kernel
        ? Conv(node, [0, node.Int("channels", 0), .. kernel])
        : Linear(node.Int("channels", 0), node.Int("transA", 0) != 0);

    public (string Name, object Value)[] Attributes() => IsConv
        ? [("channels", Channels), ("group", Groups), ("kernel_shape", Kernel), ("strides", Strides), ("dilations", Dilations), ("pads", Pads), ("auto_pad", AutoPad)]
        : [("channels", Channels), ("transA", TransposedX)];

    /// <summary>The padding of each spatial axis, where auto_pad needs no unknown extent.</summary>
    public (long Begin, long End)[]? Padding(IReadOnlyList<Dim> spatial)
    {
        var padding = new (long, long)[Rank];
        for (int axis = 0; axis < Rank; axis++)
        {
            if (AutoPad == "VALID") continue;
            if (AutoPad is "SAME_UPPER" or "SAME_LOWER")
            {
                if (!spatial[axis].IsKnown) return null;
                long extent = spatial[axis].Value;
                long outputs = (extent + Strides[axis] - 1) / Strides[axis];
                long total = Math.Max(0, ((outputs - 1) * Strides[axis]) + Reach(axis) - extent);
                long less = total / 2;
                padding[axis] = AutoPad == "SAME_UPPER" ? (less, total - less) : (total - less, less);
            }
            else
            {
                padding[axis] = (Pads[axis], Pads[axis + Rank]);
            }
        }
        return padding;
    }

    /// <summary>The output's spatial extents: (padded − reach) / stride + 1; null where one is not known.</summary>
    public long[]? OutputExtents(IReadOnlyList<Dim> spatial)
    {
        if (!spatial.All(dim => dim.IsKnown) || Padding(spatial) is not { } padding) return null;
        return [.. spatial.Select((dim, axis) => ((dim.Value + padding[axis].Begin + padding[axis].End - Reach(axis)) / Strides[axis]) + 1)];
    }

    /// <summary>The window of one of this project's own nodes, where it has one over known extents.</summary>
    public SlidingWindow? Window(Node node) => IsConv && node.In(0).Shape is { } x && x.Skip(2).All(dim => dim.IsKnown) ? SlidingWindow.Of(node, Kernel, x) : null;

    /// <summary>b: the rows of an input of this shape.</summary>
    public Dim Rows(Shape? x)
    {
        if (x is null) return Dim.Unknown;
        if (!IsConv) return TransposedX ? x[1] : new Shape([.. x.SkipLast(1)]).Size;
        return OutputExtents([.. x.Skip(2)]) is { } extents ? x[0] * Shape.From(extents).Size : Dim.Unknown;
    }

    /// <summary>The input positions that a window spans along an axis.</summary>
    private long Reach(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;
}
