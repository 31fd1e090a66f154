using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>The adjoint of broadcasting: a gradient of the broadcast shape, summed over the axes along which an operand was repeated.</summary>
internal static class Broadcast
{
    /// <summary>
    /// The gradient of x from that of its broadcast form. Equal symbols are equal extents; where extents could differ at run time,
    /// the axes are found there.
    /// </summary>
    public static Value SumTo(OpBuilder op, Value gradient, Value x)
    {
        if (gradient.Shape is not { } from || x.Shape is not { } to || from.Rank < to.Rank) return SumAtRunTime(op, gradient, x);
        int leading = from.Rank - to.Rank;
        var repeated = new List<long>();
        for (int axis = 0; axis < to.Rank; axis++)
        {
            (Dim wide, Dim narrow) = (from[leading + axis], to[axis]);
            if (wide == 1 || (wide == narrow && !wide.IsUnknown) || (narrow.IsKnown && narrow != 1)) continue;
            if (narrow != 1) return SumAtRunTime(op, gradient, x);
            repeated.Add(leading + axis);
        }

        long[] front = Axes.Range(0, leading);
        if (repeated.Count == 0) return leading == 0 ? gradient : op.ReduceSum(gradient, front, keepDims: false);
        Value sum = op.ReduceSum(gradient, [.. front, .. repeated], keepDims: true);
        return leading == 0 ? sum : op.Squeeze(sum, front);
    }

    /// <summary>Sums over the axes where x's extent, padded with ones in front, is 1.</summary>
    private static Value SumAtRunTime(OpBuilder op, Value gradient, Value x)
    {
        Value shape = op.Shape(x);
        Value missing = op.Op("Shape", [op.Shape(gradient)]) - op.Op("Shape", [shape]);
        Value ones = op.Op("ConstantOfShape", [missing], ("value", Tensor.Vector(1L)));
        Value isOne = op.Op("Equal", [op.Concat(0, ones, shape), op.Ints(1)]);
        Value axes = op.Squeeze(op.Op("NonZero", [isOne]), 0);
        Value sum = op.Op("ReduceSum", [gradient, axes], ("keepdims", 1), ("noop_with_empty_axes", 1));
        return op.Reshape(sum, shape);
    }
}
