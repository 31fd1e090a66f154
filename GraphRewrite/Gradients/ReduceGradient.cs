using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Reductions over axes: the gradient of each element is a function of it, its sum, and dY, repeated along the axes.</summary>
internal static class ReduceGradient
{
    /// <summary>dX = dY, repeated.</summary>
    public static IReadOnlyList<Value?> Sum(OpBuilder op, Node n, Value dY) => [Expanded(op, n, dY)];

    /// <summary>dX = dY / count, repeated.</summary>
    public static IReadOnlyList<Value?> Mean(OpBuilder op, Node n, Value dY) => [Expanded(op, n, dY / Count(op, n, dY))];

    /// <summary>dX = dY ⊙ X / Y, 0 where Y is.</summary>
    public static IReadOnlyList<Value?> L2(OpBuilder op, Node n, Value dY)
    {
        Value isZero = op.Compare("Equal", n.Out(0), 0);
        Value scaled = op.Where(isZero, op.ScalarLike(dY, 0), dY / op.Where(isZero, op.ScalarLike(dY, 1), n.Out(0)));
        return [Kept(op, n, scaled) * n.In(0)];
    }

    /// <summary>dX = dY ⊙ the product of the others: Y / X without zeros; with one zero only that element has a gradient, with more none.</summary>
    public static IReadOnlyList<Value?> Prod(OpBuilder op, Node n, Value dY)
    {
        Value x = n.In(0);
        Value isZero = op.Compare("Equal", x, 0);
        Value zeros = Along(op, "ReduceSum", n, op.Indicator(isZero, x));
        Value nonzero = op.Where(isZero, op.ScalarLike(x, 1), x);
        Value product = Along(op, "ReduceProd", n, nonzero);
        Value atZero = op.Where(op.Compare("Equal", zeros, 1), product, op.ScalarLike(x, 0));
        Value elsewhere = op.Where(op.Compare("Equal", zeros, 0), product, op.ScalarLike(x, 0)) / nonzero;
        return [Kept(op, n, dY) * op.Where(isZero, atZero, elsewhere)];
    }

    /// <summary>A value of the reduced shape with the reduced axes kept as 1, so that it broadcasts against X.</summary>
    public static Value Kept(OpBuilder op, Node n, Value reduced) =>
        n.Int("keepdims", 1) != 0 || n.InOrNull(1) is not { } axes ? reduced : op.Op("Unsqueeze", [reduced, axes]);

    /// <summary>A value of the reduced shape, repeated to X's.</summary>
    public static Value Expanded(OpBuilder op, Node n, Value reduced) => op.Expand(Kept(op, n, reduced), op.Shape(n.In(0)));

    private static Value Along(OpBuilder op, string reduction, Node n, Value x) =>
        op.Op(reduction, [x, n.InOrNull(1)], ("keepdims", 1), ("noop_with_empty_axes", n.Int("noop_with_empty_axes", 0)));

    /// <summary>How many elements each sum has.</summary>
    private static Value Count(OpBuilder op, Node n, Value like)
    {
        if (n.In(0).Shape is { } x)
        {
            bool reducesNone = n.Int("noop_with_empty_axes", 0) != 0;
            if (n.InOrNull(1) is not { } given) return reducesNone ? op.ScalarLike(like, 1) : op.CountAlong(n.In(0), Axes.Range(0, x.Rank), like);
            if (given.Elements.KnownExtents() is { Length: > 0 } axes) return op.CountAlong(n.In(0), axes, like);
        }
        return op.Cast(op.Size(n.In(0)) / op.Size(n.Out(0)), like.Type);
    }
}
