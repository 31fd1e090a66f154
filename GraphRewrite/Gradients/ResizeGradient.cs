using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Resize is linear and separable: along each axis Y = R X with a matrix R [out, in] that depends on the extents alone; dX = Rᵀ dY, axis by axis.
/// </summary>
internal static class ResizeGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        if (n.In(0).Shape is not { } x || n.Out(0).Shape is not { } y) throw Unknown(n);
        Value dX = dY;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            double? scale = Scale(n, axis, x);
            if (scale is 1 || (scale is null && x[axis] == y[axis] && !x[axis].IsUnknown)) continue;
            if (!x[axis].IsKnown || !y[axis].IsKnown) throw Unknown(n);
            var weights = new ResizeWeights(n, x[axis].Value, y[axis].Value, scale, Crop(n, axis, x));
            Value matrix = op.Cast(op.Constant(Tensor.Of([y[axis].Value, x[axis].Value], weights.Matrix())), dX.Type);
            dX = Along(op, dX, matrix, axis, x.Rank);
        }
        return [dX];
    }

    /// <summary>dX[…, i, …] = Σ_o dY[…, o, …] R[o, i].</summary>
    private static Value Along(OpBuilder op, Value dY, Value matrix, int axis, int rank)
    {
        if (axis == rank - 1) return op.MatMul(dY, matrix);
        long[] swapped = Axes.Range(0, rank);
        (swapped[axis], swapped[^1]) = (swapped[^1], swapped[axis]);
        return op.Transpose(op.MatMul(op.Transpose(dY, swapped), matrix), swapped);
    }

    /// <summary>The given scale of an axis; null where sizes are given.</summary>
    private static double? Scale(Node n, int axis, Shape x)
    {
        if (n.InOrNull(2) is not { } scales) return null;
        if (scales.Initializer is not { } stored) throw n.Refuse("its scales are computed", "Export with fixed scales or sizes");
        int at = Array.IndexOf(AxesOf(n, x), axis);
        return at < 0 ? 1 : stored.ToDouble()[at];
    }

    /// <summary>The part of an axis that is taken: all of it, unless there is a region; all its starts stand before all its ends.</summary>
    private static (double Start, double End) Crop(Node n, int axis, Shape x)
    {
        if (n.String("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize") return (0, 1);
        if (n.InOrNull(1)?.Initializer is not { } region) throw n.Refuse("its region is computed", "Export with a fixed region");
        long[] axes = AxesOf(n, x);
        int at = Array.IndexOf(axes, axis);
        double[] bounds = region.ToDouble();
        return at < 0 ? (0, 1) : (bounds[at], bounds[axes.Length + at]);
    }

    private static long[] AxesOf(Node n, Shape x) => n.Ints("axes") is { } given ? [.. given.Select(a => (long)x.Axis(a))] : Axes.Range(0, x.Rank);

    private static GraphRewriteException Unknown(Node n) =>
        n.Refuse("the extents that it resizes are not known", $"Export with fixed image sizes, or give them ({Setting.Sizes})");
}
