namespace GraphRewrite.IR.Shapes;

/// <summary>Values from attributes and from shapes: Constant, ConstantOfShape, Shape, Size, Range, random numbers.</summary>
internal static class Constants
{
    public static IReadOnlyList<ValueInfo> Constant(Node n) => n.Attributes.Count == 0 ? [] : (n.Attributes[0].Name, n.Attributes[0].Value) switch
    {
        ("value", Tensor tensor) => [new(tensor.Type, IR.Shape.From(tensor.Dims), Dim.ElementsOf(tensor))],
        ("value_int", long number) => [new(ElementType.Int64, IR.Shape.Scalar, [number])],
        ("value_ints", long[] numbers) => [new(ElementType.Int64, IR.Shape.Of(numbers.Length), Dim.ElementsOf(Tensor.Vector(numbers)))],
        ("value_float", float) => [new(ElementType.Float, IR.Shape.Scalar)],
        ("value_floats", float[] numbers) => [new(ElementType.Float, IR.Shape.Of(numbers.Length))],
        ("value_string", string) => [new(ElementType.String, IR.Shape.Scalar)],
        ("value_strings", string[] texts) => [new(ElementType.String, IR.Shape.Of(texts.Length))],
        _ => [],
    };

    public static IReadOnlyList<ValueInfo> ConstantOfShape(Node n)
    {
        Shape? shape = n.In(0).Contents() is { } contents ? new(contents) : null;
        Tensor value = n.TensorAttribute("value") ?? Tensor.Vector(0f);
        bool isSmall = shape?.Size is { IsKnown: true, Factor: >= 0 and <= Dim.MaxElements };
        IReadOnlyList<Dim>? elements = isSmall && shape!.Size is var size && Dim.ElementsOf(value) is [var element]
            ? [.. Enumerable.Repeat(element, (int)size.Value)]
            : null;
        return [new(value.Type, shape, elements)];
    }

    /// <summary>X's extents from start to end.</summary>
    public static IReadOnlyList<ValueInfo> Shape(Node n)
    {
        if (n.In(0).Shape is not { } x) return [new(ElementType.Int64, IR.Shape.Of(Dim.Unknown))];
        var range = new AxisRange(n.Int("start", 0), n.Int("end", long.MaxValue), 1);
        IReadOnlyList<Dim> extents = range.Of([.. x])!;
        return [new(ElementType.Int64, IR.Shape.Of(extents.Count), extents)];
    }

    /// <summary>The number of X's elements.</summary>
    public static IReadOnlyList<ValueInfo> Size(Node n) => [new(ElementType.Int64, IR.Shape.Scalar, n.In(0).Shape is { } x ? [x.Size] : null)];

    /// <summary>start, start + delta, … below limit: ⌈(limit − start) / delta⌉ elements.</summary>
    public static IReadOnlyList<ValueInfo> Range(Node n)
    {
        ElementType type = n.In(0).Type;
        (Dim start, Dim limit, Dim delta) = (n.In(0).Single(), n.In(1).Single(), n.In(2).Single());
        if (start == 0 && delta == 1 && !limit.IsKnown) return [new(type, IR.Shape.Of(limit))];
        if (start.IsKnown && limit.IsKnown && delta.IsKnown && delta != 0)
        {
            long count = Math.Max(0, (long)Math.Ceiling((limit.Value - start.Value) / (double)delta.Value));
            IReadOnlyList<Dim>? elements = count <= Dim.MaxElements
                ? [.. Enumerable.Range(0, (int)count).Select(i => (Dim)(start.Value + (i * delta.Value)))]
                : null;
            return [new(type, IR.Shape.Of(count), elements)];
        }
        return [new(type, IR.Shape.Of(FloatRange(n)))];
    }

    /// <summary>A tensor of the attributes' shape and type.</summary>
    public static IReadOnlyList<ValueInfo> Random(Node n) =>
        [new((ElementType)n.Int("dtype", (long)ElementType.Float), IR.Shape.From(n.Ints("shape") ?? []))];

    /// <summary>A tensor of the input's shape; its type too, unless dtype says otherwise.</summary>
    public static IReadOnlyList<ValueInfo> RandomLike(Node n) => [new((ElementType)n.Int("dtype", (long)n.In(0).Type), n.In(0).Shape)];

    /// <summary>[batch, sample_size].</summary>
    public static IReadOnlyList<ValueInfo> Multinomial(Node n) =>
    [
        new(
            (ElementType)n.Int("dtype", (long)ElementType.Int32),
            IR.Shape.Of(n.In(0).Shape is { Rank: > 0 } x ? x[0] : Dim.Unknown, n.Int("sample_size", 1))),
    ];

    private static Dim FloatRange(Node n) =>
        n.In(0).Initializer is { Length: 1 } start && n.In(1).Initializer is { Length: 1 } limit
        && n.In(2).Initializer is { Length: 1 } delta && delta.ToDouble()[0] != 0
            ? Math.Max(0, (long)Math.Ceiling((limit.ToDouble()[0] - start.ToDouble()[0]) / delta.ToDouble()[0]))
            : Dim.Unknown;
}
