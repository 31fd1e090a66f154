namespace GraphRewrite.IR.Shapes;

/// <summary>Slice, Pad, Resize: a part of each axis, or more than it.</summary>
internal static class Slicing
{
    /// <summary>x[starts:ends:steps] along the axes.</summary>
    public static IReadOnlyList<ValueInfo> Slice(Node n)
    {
        Value x = n.In(0);
        if (x.Shape is not { } shape) return [new(x.Type, null)];
        if (Bounds(n, "starts", 1) is not { } starts || Bounds(n, "ends", 2) is not { } ends || !n.TryInts("axes", 3, out long[]? axes))
            return [new(x.Type, new(NodeReading.Unknowns(shape.Rank)))];

        axes ??= Axes.Range(0, starts.Count);
        IReadOnlyList<Dim> steps = n.InOrNull(4) is { } input ? input.Contents() ?? NodeReading.Unknowns(axes.Length)
            : [.. Enumerable.Repeat((Dim)1, axes.Length)];
        foreach (IReadOnlyList<Dim> bounds in new[] { starts, ends, steps }) n.Counted(bounds, axes.Length, "bounds");
        if (steps.Any(step => step == 0)) throw n.Misfit("a step is 0");
        Dim[] dims = [.. shape];
        IReadOnlyList<Dim>? elements = x.Elements;
        for (int i = 0; i < axes.Length; i++)
        {
            var range = new AxisRange(starts[i], ends[i], steps[i]);
            int axis = n.Axis(shape, axes[i]);
            elements = elements is null ? null : Part(elements, dims, axis, range);
            dims[axis] = range.Length(shape[axis]);
        }
        return [new(x.Type, new(dims), elements)];
    }

    /// <summary>Begins and ends added to each axis; all begins stand before all ends.</summary>
    public static IReadOnlyList<ValueInfo> Pad(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        IReadOnlyList<Dim>? pads = n.Ints("pads") is { } attribute ? [.. attribute.Select(pad => (Dim)pad)] : n.InOrNull(1)?.Elements;
        if (pads is null || !n.TryInts("", 3, out long[]? axes)) return [new(n.In(0).Type, new(NodeReading.Unknowns(x.Rank)))];
        axes ??= Axes.Range(0, x.Rank);
        Dim[] dims = [.. x];
        n.Counted(pads, 2 * axes.Length, "pads");
        for (int i = 0; i < axes.Length; i++) dims[n.Axis(x, axes[i])] += pads[i] + pads[axes.Length + i];
        return [new(n.In(0).Type, new(dims))];
    }

    /// <summary>Sizes as given, or ⌊x · scale⌋; a kept aspect ratio decides at run time.</summary>
    public static IReadOnlyList<ValueInfo> Resize(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        bool keepsRatio = n.String("keep_aspect_ratio_policy", "stretch") != "stretch";
        long[] axes = n.Ints("axes") ?? Axes.Range(0, x.Rank);
        double[]? scales = n.Inputs.Count == 2 ? Scales(n.In(1)) : Scales(n.InOrNull(2));
        IReadOnlyList<Dim>? sizes = n.InOrNull(3)?.Elements;
        if (sizes is not null) n.Counted(sizes, axes.Length, "sizes");
        else if (scales is not null) n.Counted(scales, axes.Length, "scales");
        Dim[] dims = [.. x];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = n.Axis(x, axes[i]);
            dims[axis] = keepsRatio ? Dim.Unknown : sizes is not null ? sizes[i] : scales is not null ? Scaled(x[axis], scales[i]) : Dim.Unknown;
        }
        return [new(n.In(0).Type, new(dims))];
    }

    /// <summary>The contents that a range takes along one axis; null where its bounds or the other axes are not known.</summary>
    private static IReadOnlyList<Dim>? Part(IReadOnlyList<Dim> elements, Dim[] dims, int axis, AxisRange range)
    {
        if (dims.Length == 1) return range.Of(elements);
        if (!dims.All(dim => dim.IsKnown)) return null;
        if (range.Of([.. Range(dims[axis].Value).Select(i => (Dim)i)]) is not { } taken) return null;
        long inner = dims.Skip(axis + 1).Aggregate(1L, (product, dim) => product * dim.Value);
        long outer = dims.Take(axis).Aggregate(1L, (product, dim) => product * dim.Value);
        return
        [
            .. from o in Range(outer)
               from at in taken
               from i in Range(inner)
               select elements[(int)((((o * dims[axis].Value) + at.Value) * inner) + i)],
        ];
    }

    private static IEnumerable<long> Range(long count) => Enumerable.Range(0, (int)count).Select(i => (long)i);

    private static IReadOnlyList<Dim>? Bounds(Node n, string attribute, int input) =>
        n.Ints(attribute) is { } bounds ? [.. bounds.Select(bound => (Dim)bound)] : n.InOrNull(input)?.Contents();

    private static double[]? Scales(Value? value) => value?.Initializer is { Length: > 0 } tensor ? tensor.ToDouble() : null;

    private static Dim Scaled(Dim x, double scale) =>
        x.IsKnown ? (long)Math.Floor(x.Value * (float)scale) : scale == Math.Floor(scale) ? x * (long)scale : Dim.Unknown;
}
