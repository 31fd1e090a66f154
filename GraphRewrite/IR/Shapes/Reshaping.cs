namespace GraphRewrite.IR.Shapes;

/// <summary>The same elements under other axes, or repeated.</summary>
internal static class Reshaping
{
    /// <summary>0 keeps X's extent (unless allowzero), −1 takes what is left: the quotient of the products.</summary>
    public static IReadOnlyList<ValueInfo> Reshape(Node n)
    {
        Value x = n.In(0);
        IReadOnlyList<Dim>? target = n.In(1).Contents();
        Shape? y = target is null ? null : Reshaped(n, x.Shape, target);
        return [new(x.Type, y, x.Elements)];
    }

    private static Shape Reshaped(Node n, Shape? x, IReadOnlyList<Dim> target)
    {
        bool keepsZeros = n.Int("allowzero", 0) == 0;
        if (target.Any(dim => dim is { IsKnown: true, Factor: < -1 })) throw n.Misfit($"{new Shape(target)} is no shape");
        if (keepsZeros && x is not null && Enumerable.Range(0, target.Count).Any(axis => target[axis] == 0 && axis >= x.Rank))
            throw n.Misfit($"{new Shape(target)} keeps an axis that {x} has not");
        bool Copies(int axis) => keepsZeros && target[axis] == 0;
        Dim[] y = [.. target.Select((dim, axis) => Copies(axis) ? x?[axis] ?? Dim.Unknown : dim == -1 ? Dim.Unknown : dim)];
        if (x is null) return new(y);

        // Copied axes cancel, so that one of unknown extent does not hide the quotient of the others.
        int[] open = [.. Enumerable.Range(0, y.Length).Where(axis => y[axis].IsUnknown && !Copies(axis))];
        if (open.Length == 1)
        {
            Dim elements = new Shape([.. x.Where((_, axis) => axis >= y.Length || !Copies(axis))]).Size;
            Dim others = new Shape([.. y.Where((_, axis) => axis != open[0] && !Copies(axis))]).Size;
            if (elements.IsKnown && others.IsKnown && others != 0 && elements.Value % others.Value != 0)
                throw n.Misfit($"{elements} elements do not fill rows of {others}");
            y[open[0]] = elements / others;
        }
        var shape = new Shape(y);
        if (x.IsStatic && shape.IsStatic && x.Size != shape.Size) throw n.Misfit($"{x.Size} elements do not make {shape}");
        return shape;
    }

    /// <summary>Y [axes before, axes from axis on].</summary>
    public static IReadOnlyList<ValueInfo> Flatten(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, IR.Shape.Of(Dim.Unknown, Dim.Unknown))];
        long given = n.Int("axis", 1);
        int axis = given == x.Rank ? x.Rank : n.Axis(x, given);
        return [new(n.In(0).Type, IR.Shape.Of(new Shape([.. x.Take(axis)]).Size, new Shape([.. x.Skip(axis)]).Size))];
    }

    public static IReadOnlyList<ValueInfo> Squeeze(Node n) => [new(n.In(0).Type, Squeezed(n), n.In(0).Elements)];

    private static Shape? Squeezed(Node n)
    {
        if (n.In(0).Shape is not { } x || !n.TryInts("axes", 1, out long[]? axes)) return null;
        if (axes is null) return x.IsStatic ? new([.. x.Where(dim => dim != 1)]) : null;
        int[] gone = n.Axes(x, axes);
        return new([.. x.Where((_, axis) => !gone.Contains(axis))]);
    }

    public static IReadOnlyList<ValueInfo> Unsqueeze(Node n) => [new(n.In(0).Type, Unsqueezed(n), n.In(0).Elements)];

    private static Shape? Unsqueezed(Node n)
    {
        if (n.In(0).Shape is not { } x || !n.TryInts("axes", 1, out long[]? axes) || axes is null) return null;
        int rank = x.Rank + axes.Length;
        int[] added = Array.ConvertAll(axes, axis => n.Axis(axis, rank));
        if (added.Distinct().Count() < added.Length) throw n.Misfit("it names an axis twice");
        int from = 0;
        return new([.. Enumerable.Range(0, rank).Select(axis => added.Contains(axis) ? 1 : x[from++])]);
    }

    /// <summary>Axes permuted; reversed without perm.</summary>
    public static IReadOnlyList<ValueInfo> Transpose(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(n.In(0).Type, null)];
        int[] perm = n.Ints("perm") is { } given ? n.Axes(x, given) : [.. Enumerable.Range(0, x.Rank).Reverse()];
        if (perm.Distinct().Count() < x.Rank || perm.Length > x.Rank) throw n.Misfit("perm does not name each axis once");
        var y = new Shape([.. perm.Select(axis => x[axis])]);
        IReadOnlyList<Dim>? elements = n.In(0).Elements;
        if (x.Rank > 1) elements = elements is not null && x.IsStatic ? Permuted(elements, x, perm) : null;
        return [new(n.In(0).Type, y, elements)];
    }

    /// <summary>Contents in the order of the permuted axes.</summary>
    private static Dim[] Permuted(IReadOnlyList<Dim> elements, Shape x, int[] perm)
    {
        var strides = new long[x.Rank];
        for (int axis = x.Rank - 1, stride = 1; axis >= 0; stride *= (int)x[axis--].Value) strides[axis] = stride;
        IEnumerable<long> places = [0];
        foreach (int axis in perm)
            places = places.SelectMany(place => Enumerable.Range(0, (int)x[axis].Value).Select(i => place + (i * strides[axis])));
        return [.. places.Select(place => elements[(int)place])];
    }

    /// <summary>Broadcast to a shape given as contents.</summary>
    public static IReadOnlyList<ValueInfo> Expand(Node n)
    {
        Shape? y = n.In(1).Contents() is { } target && n.In(0).Shape is { } x ? Broadcasting.Of(n, x, new Shape(target)) : null;
        IReadOnlyList<Dim>? elements = n.In(0).Elements is { Count: 1 } one && y is { Rank: <= 1 }
            && y.Size is { IsKnown: true, Factor: >= 0 and <= Dim.MaxElements } size
            ? [.. Enumerable.Repeat(one[0], (int)size.Value)]
            : null;
        return [new(n.In(0).Type, y, elements)];
    }

    /// <summary>Each axis repeats times.</summary>
    public static IReadOnlyList<ValueInfo> Tile(Node n) =>
        [new(n.In(0).Type, n.In(0).Shape is { } x ? new([.. x.Zip(Repeats(n, x), (dim, times) => dim * times)]) : null)];

    private static IReadOnlyList<Dim> Repeats(Node n, Shape x) => n.In(1).Contents() ?? NodeReading.Unknowns(x.Rank);

    /// <summary>[N, C·b², H, W] → [N, C, H·b, W·b].</summary>
    public static IReadOnlyList<ValueInfo> DepthToSpace(Node n)
    {
        Dim b = n.Int("blocksize", 1);
        return [new(n.In(0).Type, n.In(0).Shape is { } x && n.Ranked(x, 4) is { } ? IR.Shape.Of(x[0], x[1] / (b * b), x[2] * b, x[3] * b) : null)];
    }

    /// <summary>[N, C, H·b, W·b] → [N, C·b², H, W].</summary>
    public static IReadOnlyList<ValueInfo> SpaceToDepth(Node n)
    {
        Dim b = n.Int("blocksize", 1);
        return [new(n.In(0).Type, n.In(0).Shape is { } x && n.Ranked(x, 4) is { } ? IR.Shape.Of(x[0], x[1] * b * b, x[2] / b, x[3] / b) : null)];
    }
}
