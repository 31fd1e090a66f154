namespace GraphRewrite.IR.Shapes;

/// <summary>Gather and its relatives; OneHot, NonZero, Compress.</summary>
internal static class Indexing
{
    /// <summary>The indices' axes in place of one axis of the data.</summary>
    public static IReadOnlyList<ValueInfo> Gather(Node n)
    {
        if (n.In(0).Shape is not { } data || n.In(1).Shape is not { } indices) return [new(n.In(0).Type, null)];
        int axis = n.Axis(data, n.Int("axis", 0));
        IReadOnlyList<Dim>? elements = null;
        if (data.Rank == 1 && n.In(0).Elements is { } contents && n.In(1).TryElements(out long[]? at))
            elements = [.. at.Select(i => contents[Position(n, i, contents.Count)])];
        return [new(n.In(0).Type, new([.. data.Take(axis), .. indices, .. data.Skip(axis + 1)]), elements)];
    }

    private static int Position(Node n, long index, int count) => index >= -count && index < count
        ? (int)(index < 0 ? index + count : index)
        : throw n.Misfit($"there is no element {index} among {count}");

    /// <summary>One element of the data for each index.</summary>
    public static IReadOnlyList<ValueInfo> GatherElements(Node n) => [new(n.In(0).Type, n.In(1).Shape)];

    /// <summary>Indices […, k] name k axes of the data behind the batch axes.</summary>
    public static IReadOnlyList<ValueInfo> GatherND(Node n)
    {
        if (n.In(0).Shape is not { } data || n.In(1).Shape is not { } indices || !n.Ranked(indices, 1)[-1].IsKnown) return [new(n.In(0).Type, null)];
        int named = (int)(n.Int("batch_dims", 0) + indices[-1].Value);
        return [new(n.In(0).Type, new([.. indices.Take(indices.Rank - 1), .. data.Skip(named)]))];
    }

    /// <summary>dX of Gather: X's shape is its first input's contents.</summary>
    public static IReadOnlyList<ValueInfo> GatherGrad(Node n) => [new(n.In(2).Type, n.In(0).Contents() is { } shape ? new(shape) : null)];

    /// <summary>The indices with a new axis of the given depth.</summary>
    public static IReadOnlyList<ValueInfo> OneHot(Node n)
    {
        if (n.In(0).Shape is not { } indices) return [new(n.In(2).Type, null)];
        List<Dim> dims = [.. indices];
        dims.Insert(n.Axis(n.Int("axis", -1), dims.Count + 1), n.In(1).Single());
        return [new(n.In(2).Type, new(dims))];
    }

    /// <summary>[rank, how many].</summary>
    public static IReadOnlyList<ValueInfo> NonZero(Node n) =>
        [new(ElementType.Int64, IR.Shape.Of(n.In(0).Shape is { Rank: > 0 } x ? x.Rank : Dim.Unknown, Dim.Unknown))];

    /// <summary>Some slices along an axis, or some elements.</summary>
    public static IReadOnlyList<ValueInfo> Compress(Node n) =>
        [new(n.In(0).Type, n.Has("axis") ? Without(n, n.In(0).Shape) : IR.Shape.Of(Dim.Unknown))];

    private static Shape? Without(Node n, Shape? x) => x?.With(n.Axis(x, n.Int("axis", 0)), Dim.Unknown);
}
