using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Maxima and minima: dX = dY ⊙ [X = Y] / number of ties. Equal shares for ties, as PyTorch has them in maximum and amax.</summary>
internal static class ExtremumGradient
{
    /// <summary>Max, Min over any number of broadcast inputs.</summary>
    public static IReadOnlyList<Value?> OfInputs(OpBuilder op, Node n, Value dY)
    {
        if (n.Inputs.Count == 1) return [dY];
        Value[] reached = [.. n.Inputs.Select(x => op.Indicator(op.Op("Equal", [x, n.Out(0)]), dY))];
        Value share = dY / op.Sum(reached);
        return [.. reached.Select(mask => mask * share)];
    }

    /// <summary>ReduceMax, ReduceMin.</summary>
    public static IReadOnlyList<Value?> OfReduce(OpBuilder op, Node n, Value dY)
    {
        Value reached = op.Indicator(op.Op("Equal", [n.In(0), ReduceGradient.Kept(op, n, n.Out(0))]), dY);
        Value ties = op.Op("ReduceSum", [reached, n.InOrNull(1)], ("keepdims", 1), ("noop_with_empty_axes", n.Int("noop_with_empty_axes", 0)));
        return [reached * (ReduceGradient.Kept(op, n, dY) / ties)];
    }

    public static IReadOnlyList<Value?> OfGlobalMaxPool(OpBuilder op, Node n, Value dY)
    {
        long[] spatial = PoolGradient.SpatialAxes(n);
        Value reached = op.Indicator(op.Op("Equal", [n.In(0), n.Out(0)]), dY);
        return [reached * (dY / op.ReduceSum(reached, spatial, keepDims: true))];
    }
}
