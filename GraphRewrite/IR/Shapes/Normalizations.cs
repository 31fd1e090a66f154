namespace GraphRewrite.IR.Shapes;

/// <summary>Y like X, and statistics beside it.</summary>
internal static class Normalizations
{
    /// <summary>Statistics [C], like the stored mean; up to five outputs whatever the opset.</summary>
    public static IReadOnlyList<ValueInfo> BatchNormalization(Node n)
    {
        var statistic = new ValueInfo(n.In(3).Type, n.In(3).Shape ?? n.In(1).Shape);
        return [ValueInfo.Like(n.In(0)), statistic, statistic, statistic, statistic];
    }

    /// <summary>Mean and inverse standard deviation: X's axes before the given one, 1 from there.</summary>
    public static IReadOnlyList<ValueInfo> LayerNormalization(Node n)
    {
        Shape? statistic = n.In(0).Shape is { } x ? new([.. x.Select((dim, axis) => axis < n.Axis(x, n.Int("axis", -1)) ? dim : 1)]) : null;
        var type = (ElementType)n.Int("stash_type", (long)ElementType.Float);
        return [ValueInfo.Like(n.In(0)), new(type, statistic), new(type, statistic)];
    }

    /// <summary>Y like X, mean and inverse standard deviation over the last axis, and the sum that was normalized.</summary>
    public static IReadOnlyList<ValueInfo> Skip(Node n)
    {
        Shape? statistic = n.In(0).Shape is { Rank: > 0 } x ? x.With(-1, 1) : null;
        return [ValueInfo.Like(n.In(0)), new(ElementType.Float, statistic), new(ElementType.Float, statistic), ValueInfo.Like(n.In(0))];
    }

    /// <summary>Y like X, and a mask of bools.</summary>
    public static IReadOnlyList<ValueInfo> Dropout(Node n) => [ValueInfo.Like(n.In(0)), new(ElementType.Bool, n.In(0).Shape)];

    /// <summary>(dY, X, scale, …) → dX like X, dScale and dBias like scale.</summary>
    public static IReadOnlyList<ValueInfo> Gradient(Node n) =>
        [new(n.In(1).Type, n.In(1).Shape ?? n.In(0).Shape), ValueInfo.Like(n.In(2)), ValueInfo.Like(n.In(2))];
}
