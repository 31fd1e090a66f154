using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Fusions;

/// <summary>
/// c / √(mean(c²) + ε) · γ + β with c = x − mean(x), over the last axes → LayerNormalization, as exporters write it before opset 17.
/// </summary>
internal static class FuseLayerNormalization
{
    public static void Apply(Graph graph)
    {
        foreach (Node div in graph.Nodes.Where(node => node.Op == "Div").ToArray())
        {
            if (Centerd(div.In(0)) is not ({ Type: ElementType.Float, Shape: { } shape } x, { } axes)) continue;
            if (Epsilon(div.In(1), div.In(0), axes) is not { } epsilon) continue;
            int axis = shape.Rank - axes.Length;
            if (axis < 0 || !axes.Order().SequenceEqual(IR.Axes.Range(axis, axes.Length))) continue;
            if (Affine(div.Out(0), "Mul", shape, axis) is not ({ } scaled, { } scale)) continue;
            (Node? shifted, Value? bias) = Affine(scaled.Out(0), "Add", shape, axis);
            Node last = shifted ?? scaled;
            using OpBuilder op = graph.BuildBefore(last, last.Name);
            Value[] inputs = bias is null ? [x, scale] : [x, scale, bias];
            graph.Redefine(last.Out(0), op.Op("LayerNormalization", inputs, ("axis", axis - shape.Rank), ("epsilon", (float)epsilon)));
        }
    }

    /// <summary>x − mean(x): x and the axes of its mean.</summary>
    private static (Value? X, long[]? Axes) Centerd(Value value) =>
        value.MadeBy("Sub") is { } sub && sub.In(1).MadeBy("ReduceMean") is { } mean && mean.In(0) == sub.In(0) ? (sub.In(0), Axes(mean)) : default;

    /// <summary>The ε of √(mean(c²) + ε), the mean over the given axes.</summary>
    private static double? Epsilon(Value deviation, Value centerd, long[] axes)
    {
        if (deviation.MadeBy("Sqrt")?.In(0).MadeBy("Add") is not { } sum) return null;
        Value variance = sum.In(1).Number() is null ? sum.In(1) : sum.In(0);
        if (variance.MadeBy("ReduceMean") is not { } mean || Axes(mean) is not { } over || !over.Order().SequenceEqual(axes.Order())) return null;
        return IsSquare(mean.In(0), centerd) ? sum.Beside(variance).Number() : null;
    }

    private static bool IsSquare(Value value, Value of) => value.Producer switch
    {
        { Op.Type: "Pow" } pow => pow.In(0) == of && pow.In(1).IsNumber(2),
        { Op.Type: "Mul" } mul => mul.In(0) == of && mul.In(1) == of,
        _ => false,
    };

    /// <summary>The node that scales or shifts a value by an operand of the normalized axes' shape, and that operand.</summary>
    private static (Node? Node, Value? Operand) Affine(Value value, OpId op, Shape shape, int axis)
    {
        if (value.OnlyUse(op) is not { } node || node.Beside(value) is not { Shape: { IsStatic: true } own } operand) return default;
        return own.Rank == shape.Rank - axis && own.SequenceEqual(shape.Skip(axis)) ? (node, operand) : default;
    }

    /// <summary>From 0 up; null where they are not known or the axes go.</summary>
    private static long[]? Axes(Node mean)
    {
        if (mean.Int("keepdims", 1) == 0 || mean.In(0).Shape is not { } shape) return null;
        if (mean.InOrNull(1)?.Elements is not { } axes || !axes.All(axis => axis.IsKnown)) return null;
        return [.. axes.Select(axis => axis.Value < 0 ? axis.Value + shape.Rank : axis.Value)];
    }
}
