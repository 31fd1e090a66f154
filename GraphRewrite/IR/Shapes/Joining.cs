namespace GraphRewrite.IR.Shapes;

/// <summary>Concat and Split, and their training forms, which carry the lengths along.</summary>
internal static class Joining
{
    public static IReadOnlyList<ValueInfo> Concat(Node n) => [Joined(n)];

    /// <summary>Concat, and the length of each input along the axis.</summary>
    public static IReadOnlyList<ValueInfo> ConcatTraining(Node n)
    {
        IReadOnlyList<Dim> lengths = [.. n.Inputs.OfType<Value>().Select(x => x.Shape is { } shape ? shape[Axis(n, shape)] : Dim.Unknown)];
        return [Joined(n), new(ElementType.Int64, IR.Shape.Of(n.Inputs.Count), lengths)];
    }

    /// <summary>Lengths as an attribute or input; without them equal parts, the last one shorter.</summary>
    public static IReadOnlyList<ValueInfo> Split(Node n)
    {
        ElementType type = n.In(0).Type;
        if (n.In(0).Shape is not { } x) return [.. n.Outputs.Select(_ => new ValueInfo(type, null))];
        int axis = Axis(n, x);
        IReadOnlyList<Dim>? lengths = n.Ints("split") is { } attribute ? [.. attribute.Select(length => (Dim)length)] : n.InOrNull(1)?.Contents();
        lengths ??= n.InOrNull(1) is null ? EqualParts(x[axis], n.Outputs.Count) : NodeReading.Unknowns(n.Outputs.Count);
        if (lengths.Count != n.Outputs.Count) throw n.Misfit($"{lengths.Count} lengths for {n.Outputs.Count} outputs");
        return [.. lengths.Select((length, part) => new ValueInfo(type, x.With(axis, length), Part(n.In(0), lengths, part)))];
    }

    private static ValueInfo Joined(Node n)
    {
        Value[] parts = [.. n.Inputs.OfType<Value>()];
        if (parts.Length == 0) throw n.Misfit("it has no inputs");
        if (parts.FirstOrDefault(part => part.Shape is not null)?.Shape is not { } first) return new(parts[0].Type, null);
        int axis = Axis(n, first);
        foreach (Value part in parts)
            if (part.Shape is { } other && other.Rank != first.Rank) throw n.Misfit($"its inputs have {first.Rank} and {other.Rank} axes");
        var dims = new Dim[first.Rank];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = i == axis ? parts.Select(part => part.Shape?[i] ?? Dim.Unknown).Aggregate((a, b) => a + b) : Same(n, parts, i);
        IReadOnlyList<Dim>? elements = null;
        if (first.Rank == 1)
        {
            IReadOnlyList<Dim>?[] contents = [.. parts.Select(part => part.Type == ElementType.Int64 ? part.Contents() : part.Elements)];
            if (contents.All(content => content is { Count: <= Dim.MaxElements })) elements = [.. contents.SelectMany(content => content!)];
        }
        return new(parts[0].Type, new(dims), elements);
    }

    /// <summary>The axes that are not joined are equal: the most specific one.</summary>
    private static Dim Same(Node n, Value[] parts, int axis)
    {
        Dim same = Dim.Unknown;
        foreach (Value part in parts)
        {
            if (part.Shape is not { } shape) continue;
            if (same.IsKnown && shape[axis].IsKnown && same != shape[axis])
                throw n.Misfit($"the extents {same} and {shape[axis]} of axis {axis} differ");
            if (shape[axis].IsKnown || same.IsUnknown) same = shape[axis];
        }
        return same;
    }

    private static int Axis(Node n, Shape shape) => n.Axis(shape, n.Int("axis", 0));

    private static IReadOnlyList<Dim> EqualParts(Dim whole, int parts)
    {
        if (parts == 0) return [];
        if (!whole.IsKnown) return [.. Enumerable.Repeat(whole / parts, parts)];
        long length = (whole.Value / parts) + (whole.Value % parts > 0 ? 1 : 0);
        return [.. Enumerable.Range(0, parts).Select(part => (Dim)(long)Int128.Clamp((Int128)whole.Value - ((Int128)part * length), 0, length))];
    }

    private static bool IsSmall(Dim length) => length is { IsKnown: true, Factor: >= 0 and <= Dim.MaxElements };

    private static IReadOnlyList<Dim>? Part(Value x, IReadOnlyList<Dim> lengths, int part)
    {
        if (x.Shape is not { Rank: 1 } || x.Elements is not { } elements || !lengths.All(IsSmall)) return null;
        return [.. elements.Skip((int)lengths.Take(part).Sum(length => length.Value)).Take((int)lengths[part].Value)];
    }
}
