using GraphRewrite.IR;

namespace GraphRewrite.Passes.Shapes;

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

        axes ??= [.. Enumerable.Range(0, starts.Count).Select(axis => (long)axis)];
        IReadOnlyList<Dim> steps = n.InOrNull(4) is { } input ? input.Contents() ?? NodeReading.Unknowns(axes.Length) : [.. Enumerable.Repeat((Dim)1, axes.Length)];
        Dim[] dims = [.. shape];
        IReadOnlyList<Dim>? elements = null;
        for (int i = 0; i < axes.Length; i++)
        {
            var range = new AxisRange(starts[i], ends[i], steps[i]);
            int axis = shape.Axis(axes[i]);
            dims[axis] = range.Length(shape[axis]);
            if (shape.Rank == 1 && x.Elements is { } contents) elements = range.Of(contents);
        }
        return [new(x.Type, new(dims), elements)];
    }

    /// <summary>Begins and ends added to each axis; all begins stand before all ends.</summary>
    public static IReadOnlyList<ValueInfo> Pad(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        IReadOnlyList<Dim>? pads = n.Ints("pads") is { } attribute ? [.. attribute.Select(pad => (Dim)pad)] : n.InOrNull(1)?.Elements;
        if (pads is null || !n.TryInts("", 3, out long[]? axes)) return [new(n.In(0).Type, new(NodeReading.Unknowns(x.Rank)))];
        axes ??= [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)];
        Dim[] dims = [.. x];
        for (int i = 0; i < axes.Length; i++) dims[x.Axis(axes[i])] += pads[i] + pads[axes.Length + i];
        return [new(n.In(0).Type, new(dims))];
    }

    /// <summary>Sizes as given, or ⌊x · scale⌋; a kept aspect ratio decides at run time.</summary>
    public static IReadOnlyList<ValueInfo> Resize(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        bool keepsRatio = n.String("keep_aspect_ratio_policy", "stretch") != "stretch";
        long[] axes = n.Ints("axes") ?? [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)];
        double[]? scales = n.Inputs.Count == 2 ? Scales(n.In(1)) : Scales(n.InOrNull(2));
        IReadOnlyList<Dim>? sizes = n.InOrNull(3)?.Elements;
        Dim[] dims = [.. x];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = x.Axis(axes[i]);
            dims[axis] = keepsRatio ? Dim.Unknown : sizes is not null ? sizes[i] : scales is not null ? Scaled(x[axis], scales[i]) : Dim.Unknown;
        }
        return [new(n.In(0).Type, new(dims))];
    }

    private static IReadOnlyList<Dim>? Bounds(Node n, string attribute, int input) =>
        n.Ints(attribute) is { } bounds ? [.. bounds.Select(bound => (Dim)bound)] : n.InOrNull(input)?.Contents();

    private static double[]? Scales(Value? value) => value?.Initializer is { Length: > 0 } tensor ? tensor.ToDouble() : null;

    private static Dim Scaled(Dim x, double scale) =>
        x.IsKnown ? (long)Math.Floor(x.Value * (float)scale) : scale == Math.Floor(scale) ? x * (long)scale : Dim.Unknown;
}
