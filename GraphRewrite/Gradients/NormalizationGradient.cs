using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Normalizations Y = γ X̂ + β, X̂ = (X − μ) r, r = 1 / √(σ² + ε). Where μ and σ² are X's own, over a set of axes:
/// dX = r (g − mean(g) − X̂ mean(g X̂)) with g = γ dY; dγ = Σ dY X̂, dβ = Σ dY.
/// </summary>
internal static class NormalizationGradient
{
    /// <summary>What ONNX's function adds to σ.</summary>
    private const float MeanVarianceEpsilon = 1e-9f;

    public static IReadOnlyList<Value?> OfBatch(OpBuilder op, Node n, Value dY) =>
        op.Ops("com.microsoft::BatchNormalizationGrad", [dY, n.In(0), n.In(1), n.Out(3), n.Out(4)], 3, ("epsilon", n.Float("epsilon", 1e-5f)));

    public static IReadOnlyList<Value?> OfLayer(OpBuilder op, Node n, Value dY)
    {
        if (n.OutOrNull(1) is not { } mean || n.OutOrNull(2) is not { } inverse) throw n.Refuse("its gradient needs the outputs Mean and InvStdDev");
        Value[] gradients = op.Ops("com.microsoft::LayerNormalizationGrad", [dY, n.In(0), n.In(1), mean, inverse], 3, n.Copy());
        return n.InOrNull(2) is null ? gradients[..2] : gradients;
    }

    /// <summary>Inference mode, μ and σ² given: dX = γ r dY, dμ = −γ r Σ dY, dσ² = −½ γ r³ Σ dY (X − μ).</summary>
    public static IReadOnlyList<Value?> OfFrozenBatch(OpBuilder op, Node n, Value dY)
    {
        if (n.Int("training_mode", 0) != 0) throw n.Refuse("batch statistics are differentiated as BatchNormInternal", "Normalize the model first");
        Value x = n.In(0);
        long[] all = [0, .. PoolGradient.SpatialAxes(n)];
        Value r = op.Reciprocal(op.Sqrt(n.In(4) + op.ScalarLike(n.In(4), n.Float("epsilon", 1e-5f)))); // [C]
        Value scale = n.In(1) * r;
        Value centerd = x - PerChannel(op, n, n.In(3));
        Value sum = op.ReduceSum(dY, all, keepDims: false);
        Value correlation = op.ReduceSum(dY * centerd, all, keepDims: false);
        Value dVariance = scale * r * r * correlation * op.ScalarLike(r, -0.5);
        return [dY * PerChannel(op, n, scale), correlation * r, sum, -(scale * sum), dVariance];
    }

    /// <summary>Over the spatial axes of each channel.</summary>
    public static IReadOnlyList<Value?> OfInstance(OpBuilder op, Node n, Value dY)
    {
        long[] spatial = PoolGradient.SpatialAxes(n);
        (Value normalized, Value r) = Normalize(op, n.In(0), spatial, n.Float("epsilon", 1e-5f));
        Value dX = OfOwnStatistics(op, dY * PerChannel(op, n, n.In(1)), normalized, r, spatial);
        return [dX, op.ReduceSum(dY * normalized, [0, .. spatial], keepDims: false), op.ReduceSum(dY, [0, .. spatial], keepDims: false)];
    }

    /// <summary>Over the channels of a group and the spatial axes: X as [N, G, −1].</summary>
    public static IReadOnlyList<Value?> OfGroup(OpBuilder op, Node n, Value dY)
    {
        Value x = n.In(0);
        long[] all = [0, .. PoolGradient.SpatialAxes(n)];
        long groups = n.Int("num_groups", 1);
        (Value normalized, Value r) = Normalize(op, op.Reshape(x, 0, groups, -1), [2], n.Float("epsilon", 1e-5f));
        Value g = op.Reshape(dY * PerChannel(op, n, n.In(1)), 0, groups, -1);
        Value dX = op.ReshapeLike(OfOwnStatistics(op, g, normalized, r, [2]), x);
        return [dX, op.ReduceSum(dY * op.ReshapeLike(normalized, x), all, keepDims: false), op.ReduceSum(dY, all, keepDims: false)];
    }

    /// <summary>Without γ and β, over the axes that are given: (X − μ) / σ.</summary>
    public static IReadOnlyList<Value?> MeanVariance(OpBuilder op, Node n, Value dY)
    {
        long[] axes = n.Ints("axes") ?? [0, 2, 3];
        (Value normalized, Value r) = Normalize(op, n.In(0), axes, MeanVarianceEpsilon);
        return [OfOwnStatistics(op, dY, normalized, r, axes)];
    }

    /// <summary>Y = X / s, s = ‖X‖ along an axis: dX = (dY − u Σ Y dY) / s with u = Y for p = 2, sign(X) for p = 1; 0 where s is.</summary>
    public static IReadOnlyList<Value?> Lp(OpBuilder op, Node n, Value dY)
    {
        (Value x, Value y, long[] axes) = (n.In(0), n.Out(0), [n.Int("axis", -1)]);
        bool isL1 = n.Int("p", 2) == 1;
        Value norm = op.Reduce(isL1 ? "ReduceL1" : "ReduceL2", x, axes, keepDims: true);
        Value isZero = op.Compare("Equal", norm, 0);
        Value direction = isL1 ? op.Op("Sign", [x]) : y;
        Value dX = (dY - (direction * op.ReduceSum(y * dY, axes, keepDims: true))) / op.Where(isZero, op.ScalarLike(x, 1), norm);
        return [op.Where(isZero, op.ScalarLike(x, 0), dX)];
    }

    /// <summary>
    /// Y = X d⁻ᵝ, d = k + α/size Σ X² over a window of channels: dX = dY d⁻ᵝ − 2 (α/size) β X Σ′ (dY Y / d), Σ′ over the mirrored window.
    /// </summary>
    public static IReadOnlyList<Value?> LocalResponse(OpBuilder op, Node n, Value dY)
    {
        (Value x, long size) = (n.In(0), n.Int("size", 1));
        (float alpha, float beta) = (n.Float("alpha", 1e-4f), n.Float("beta", 0.75f));
        Value d = (ChannelMean(op, x * x, size, (size - 1) / 2) * op.ScalarLike(x, alpha)) + op.ScalarLike(x, n.Float("bias", 1));
        Value spread = ChannelMean(op, dY * n.Out(0) / d, size, size / 2);
        return [(dY * op.Op("Pow", [d, op.ScalarLike(x, -beta)])) - (x * spread * op.ScalarLike(x, 2.0 * alpha * beta))];
    }

    /// <summary>The mean over `size` channels, `before` of them in front; channels beyond the ends count as 0.</summary>
    private static Value ChannelMean(OpBuilder op, Value x, long size, long before)
    {
        Value planes = op.Unsqueeze(op.Reshape(x, 0, 0, -1), 1); // [N, 1, C, H·W]
        long[] kernel = [size, 1];
        long[] pads = [before, 0, size - 1 - before, 0];
        Value mean = op.Op("AveragePool", [planes], ("kernel_shape", kernel), ("pads", pads), ("count_include_pad", 1));
        return op.ReshapeLike(mean, x);
    }

    private static (Value Normalized, Value InverseDeviation) Normalize(OpBuilder op, Value x, long[] axes, float epsilon)
    {
        Value centerd = x - op.ReduceMean(x, axes, keepDims: true);
        Value variance = op.ReduceMean(centerd * centerd, axes, keepDims: true);
        Value r = op.Reciprocal(op.Sqrt(variance + op.ScalarLike(x, epsilon)));
        return (centerd * r, r);
    }

    private static Value OfOwnStatistics(OpBuilder op, Value g, Value normalized, Value r, long[] axes) =>
        r * (g - op.ReduceMean(g, axes, keepDims: true) - (normalized * op.ReduceMean(g * normalized, axes, keepDims: true)));

    /// <summary>[C] → [C, 1, …], to broadcast against [N, C, spatial…].</summary>
    private static Value PerChannel(OpBuilder op, Node n, Value x)
    {
        int spatial = PoolGradient.SpatialAxes(n).Length;
        return spatial == 0 ? x : op.Unsqueeze(x, Axes.Range(1, spatial));
    }
}
