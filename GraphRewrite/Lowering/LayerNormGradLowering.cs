using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Lowering;

/// <summary>Gradients of LayerNormalization over the axes from `axis` on. r is the saved inverse deviation, x̂ = (X − μ) r, g = dY ⊙ γ.</summary>
internal static class LayerNormGradLowering
{
    /// <summary>dX = r (g − mean(g) − x̂ mean(g ⊙ x̂)), dγ = Σ dY ⊙ x̂, dβ = Σ dY, the sums over the axes before `axis`.</summary>
    public static IReadOnlyList<Value?> Full(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value x, Value gamma, Value mean, Value r) = (node.In(0), node.In(1), node.In(2), node.In(3), node.In(4));
        (long[] outer, long[] inner) = Axes(node, x, dY);
        Value normalized = (x - mean) * r;
        Value? dX = null;
        if (node.IsOutputUsed(0))
        {
            Value g = dY * gamma;
            dX = (g - op.ReduceMean(g, inner, keepDims: true) - (normalized * op.ReduceMean(g * normalized, inner, keepDims: true))) * r;
        }
        return
        [
            dX,
            node.IsOutputUsed(1) ? SumOver(op, dY * normalized, outer) : null,
            node.IsOutputUsed(2) ? SumOver(op, dY, outer) : null,
        ];
    }

    /// <summary>Without mean and bias (RMS): x̂ = X r, dX = r (g − x̂ mean(g ⊙ x̂)), dγ = Σ dY ⊙ x̂.</summary>
    public static IReadOnlyList<Value?> Simplified(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value x, Value gamma, Value r) = (node.In(0), node.In(1), node.In(2), node.In(3));
        (long[] outer, long[] inner) = Axes(node, x, dY);
        Value normalized = x * r;
        Value g = dY * gamma;
        Value dX = (g - (normalized * op.ReduceMean(g * normalized, inner, keepDims: true))) * r;
        return [dX, SumOver(op, dY * normalized, outer)];
    }

    private static Value SumOver(OpBuilder op, Value terms, long[] axes) =>
        axes.Length == 0 ? op.Identity(terms) : op.ReduceSum(terms, axes, keepDims: false);

    private static (long[] Outer, long[] Inner) Axes(Node node, params Value[] candidates)
    {
        IR.Shape shape = candidates.FirstOrDefault(value => value.Shape is not null)?.Shape
            ?? throw node.Refuse($"the rank of its input '{candidates[0].Name}' is not known", "Export the model with shapes");
        int axis = node.Axis(shape, node.Int("axis", -1));
        return (IR.Axes.Range(0, axis), IR.Axes.Range(axis, shape.Rank - axis));
    }
}
