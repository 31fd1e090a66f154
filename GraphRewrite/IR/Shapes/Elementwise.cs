namespace GraphRewrite.IR.Shapes;

/// <summary>Operators on elements: Y has X's shape, or the shape to which all inputs broadcast.</summary>
internal static class Elementwise
{
    /// <summary>Y like X.</summary>
    public static IReadOnlyList<ValueInfo> Unary(Node n) => [ValueInfo.Like(n.In(0))];

    /// <summary>Y like X; a shape stays known through it.</summary>
    public static IReadOnlyList<ValueInfo> Identity(Node n) => [ValueInfo.Like(n.In(0)) with { Elements = n.In(0).Elements }];

    /// <summary>Y like the second input (gradients fed dY first, X or Y second).</summary>
    public static IReadOnlyList<ValueInfo> LikeSecond(Node n) => [new(n.In(1).Type, n.In(1).Shape ?? n.In(0).Shape)];

    public static IReadOnlyList<ValueInfo> Bool(Node n) => [new(ElementType.Bool, n.In(0).Shape)];

    public static IReadOnlyList<ValueInfo> Broadcast(Node n) => [new(n.In(0).Type, Broadcasting.OfInputs(n))];

    /// <summary>Arithmetic on one input that shapes go through.</summary>
    public static ShapeRule Unary(Func<Dim, Dim> f) => n =>
        [ValueInfo.Like(n.In(0)) with { Elements = n.In(0).Elements is { } x ? [.. x.Select(f)] : null }];

    /// <summary>Arithmetic on two inputs that shapes go through.</summary>
    public static ShapeRule Arithmetic(Func<Dim, Dim, Dim> f) => n => [new(n.In(0).Type, Broadcasting.OfInputs(n), Zip(n, f))];

    /// <summary>A comparison or logical operator.</summary>
    public static ShapeRule Logical(Func<Dim, Dim, Dim> f) => n => [new(ElementType.Bool, Broadcasting.OfInputs(n), Zip(n, f))];

    public static IReadOnlyList<ValueInfo> Logical(Node n) => [new(ElementType.Bool, Broadcasting.OfInputs(n))];

    /// <summary>Y = condition ? X : Y.</summary>
    public static IReadOnlyList<ValueInfo> Where(Node n)
    {
        Shape? shape = Broadcasting.OfInputs(n);
        IReadOnlyList<Dim>? chosen = null;
        if (shape is { Rank: <= 1 } && n.In(0).Elements is { } c && n.In(1).Elements is { } a && n.In(2).Elements is { } b)
        {
            int count = Math.Max(c.Count, Math.Max(a.Count, b.Count));
            if (Math.Min(c.Count, Math.Min(a.Count, b.Count)) > 0)
                chosen = [.. Enumerable.Range(0, count).Select(i => ShapeArithmetic.Where(At(c, i), At(a, i), At(b, i)))];
        }
        return [new(n.In(1).Type, shape, chosen)];
    }

    /// <summary>Cast: the type changes; contents that stay integers stay known.</summary>
    public static IReadOnlyList<ValueInfo> Cast(Node n) => [Convert(n.In(0), (ElementType)n.Int("to", 0))];

    public static IReadOnlyList<ValueInfo> CastLike(Node n) => [Convert(n.In(0), n.In(1).Type)];

    /// <summary>Of the zero point's type; UInt8 without one.</summary>
    public static IReadOnlyList<ValueInfo> Quantize(Node n) =>
        [new(n.InOrNull(2)?.Type ?? (n.Int("output_dtype", 0) is > 0 and long type ? (ElementType)type : ElementType.UInt8), n.In(0).Shape)];

    /// <summary>Of the scale's type.</summary>
    public static IReadOnlyList<ValueInfo> Dequantize(Node n) => [new(n.In(1).Type, n.In(0).Shape)];

    private static ValueInfo Convert(Value x, ElementType type) => new(type, x.Shape, type switch
    {
        ElementType.Int64 or ElementType.Int32 => x.Elements,
        ElementType.Bool when x.Elements is { } elements => [.. elements.Select(ShapeArithmetic.NotZero)],
        _ => null,
    });

    /// <summary>Element by element over scalars and vectors.</summary>
    private static IReadOnlyList<Dim>? Zip(Node n, Func<Dim, Dim, Dim> f)
    {
        if (n.Inputs.Count != 2 || n.In(0).Elements is not { } a || n.In(1).Elements is not { } b) return null;
        if (n.In(0).Shape is not { Rank: <= 1 } || n.In(1).Shape is not { Rank: <= 1 } || Math.Min(a.Count, b.Count) == 0) return null;
        return [.. Enumerable.Range(0, Math.Max(a.Count, b.Count)).Select(i => ShapeArithmetic.Apply(f, At(a, i), At(b, i)))];
    }

    private static Dim At(IReadOnlyList<Dim> elements, int i) => elements.Count == 1 ? elements[0] : elements[i];
}
