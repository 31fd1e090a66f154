namespace GraphRewrite.IR.Shapes;

/// <summary>Reduce* and what else takes an axis away: ArgMax, TopK.</summary>
internal static class Reductions
{
    public static IReadOnlyList<ValueInfo> Reduce(Node n) => [new(n.In(0).Type, Reduced(n))];

    /// <summary>A reduction that shapes go through: all elements of a vector to one.</summary>
    public static ShapeRule Reduce(Func<Dim, Dim, Dim> f) => n =>
    {
        Shape? y = Reduced(n);
        IReadOnlyList<Dim>? elements = n.In(0).Elements is { Count: > 0 } x && y is not null && y.Size == 1
            ? [x.Aggregate((a, b) => ShapeArithmetic.Apply(f, a, b))]
            : null;
        return [new(n.In(0).Type, y, elements)];
    };

    /// <summary>Indices of extremes along one axis.</summary>
    public static IReadOnlyList<ValueInfo> Arg(Node n) =>
        [new(ElementType.Int64, n.In(0).Shape is { } x ? Without(x, [n.Axis(x, n.Int("axis", 0))], n.Int("keepdims", 1) != 0) : null)];

    /// <summary>The k largest along an axis, and their indices.</summary>
    public static IReadOnlyList<ValueInfo> TopK(Node n)
    {
        Shape? y = n.In(0).Shape is { } x ? x.With(n.Axis(x, n.Int("axis", -1)), n.InOrNull(1).Single()) : null;
        return [new(n.In(0).Type, y), new(ElementType.Int64, y)];
    }

    private static Shape? Reduced(Node n)
    {
        if (n.In(0).Shape is not { } x) return null;
        bool keep = n.Int("keepdims", 1) != 0;
        if (!n.TryInts("axes", 1, out long[]? axes)) return keep ? new(NodeReading.Unknowns(x.Rank)) : UnknownAxes(n, x);
        if (axes is null or []) return n.Int("noop_with_empty_axes", 0) != 0 ? x : Without(x, [.. Enumerable.Range(0, x.Rank)], keep);
        return Without(x, n.Axes(x, axes), keep);
    }

    private static Shape? UnknownAxes(Node n, Shape x) =>
        n.In(1).Contents() is { Count: > 0 } axes && axes.Count <= x.Rank ? new(NodeReading.Unknowns(x.Rank - axes.Count)) : null;

    private static Shape Without(Shape x, int[] axes, bool keep) =>
        new([.. x.Select((dim, axis) => axes.Contains(axis) ? 1 : dim).Where((_, axis) => keep || !axes.Contains(axis))]);
}
