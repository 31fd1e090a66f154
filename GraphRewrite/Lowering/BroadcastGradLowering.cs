using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>Gradients through broadcasting: the axes along which an operand was repeated are summed over.</summary>
internal static class BroadcastGradLowering
{
    /// <summary>BroadcastGradientArgs(shape of A, shape of B) → the axes to sum for A, the axes to sum for B.</summary>
    public static IReadOnlyList<Value?> Axes(OpBuilder op, Node node, LoweringContext context) => Axes(op, node.In(0), node.In(1));

    /// <summary>DivGrad(dY, A, B): dA = Σ dY / B, dB = −Σ dY ⊙ A / B², summed to the shapes of A and B.</summary>
    public static IReadOnlyList<Value?> Div(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value a, Value b) = (node.In(0), node.In(1), node.In(2));
        (Value shapeA, Value shapeB) = (op.Shape(a), op.Shape(b));
        Value[] axes = Axes(op, shapeA, shapeB);
        Value quotient = dY / b;
        return
        [
            node.IsOutputUsed(0) ? SumTo(op, quotient, axes[0], shapeA) : null,
            node.IsOutputUsed(1) ? SumTo(op, -(quotient * (a / b)), axes[1], shapeB) : null,
        ];
    }

    private static Value[] Axes(OpBuilder op, Value shapeA, Value shapeB)
    {
        if (shapeA.Elements is { } a && shapeB.Elements is { } b && Known(a, b) is { } axesA && Known(b, a) is { } axesB)
            return [op.Ints(axesA), op.Ints(axesB)];

        // One extents vector is filled up with ones in front to the length of the other.
        (Value lengthA, Value lengthB) = (op.Shape(shapeA), op.Shape(shapeB));
        Value length = op.Op("Max", [lengthA, lengthB]);
        (Value fullA, Value fullB) = (Fill(op, shapeA, length - lengthA), Fill(op, shapeB, length - lengthB));
        Value differs = op.Op("Not", [op.Op("Equal", [fullA, fullB])]);
        return [Repeated(op, fullA, differs), Repeated(op, fullB, differs)];
    }

    /// <summary>The axes along which extents are 1 where the others' are not; null where symbols leave that open.</summary>
    private static long[]? Known(IReadOnlyList<Dim> extents, IReadOnlyList<Dim> others)
    {
        int rank = Math.Max(extents.Count, others.Count);
        var axes = new List<long>();
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            (Dim own, Dim other) = (At(extents, axis, rank), At(others, axis, rank));
            if (own == 1 && other != 1) axes.Add(axis); // a symbol that turns out to be 1 makes a sum of one term
            else if (!own.IsKnown && (own.IsUnknown || own != other) && other != 1) return null;
        }
        return [.. axes];
    }

    private static Dim At(IReadOnlyList<Dim> extents, int axis, int rank) => axis - (rank - extents.Count) is >= 0 and int i ? extents[i] : 1;

    private static Value Fill(OpBuilder op, Value shape, Value missing) =>
        op.Concat(0, op.Expand(op.Ints(1), missing), shape);

    private static Value Repeated(OpBuilder op, Value extents, Value differs) =>
        op.Squeeze(op.Op("NonZero", [op.Op("And", [op.Op("Equal", [extents, op.Ints(1)]), differs])]), 0);

    private static Value SumTo(OpBuilder op, Value terms, Value axes, Value shape) =>
        op.Reshape(op.Op("ReduceSum", [terms, axes], ("noop_with_empty_axes", true)), shape);
}
