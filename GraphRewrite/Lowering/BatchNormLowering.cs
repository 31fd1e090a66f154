using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>BatchNormalization in training, forward and backward. Statistics run over all axes but the second; n elements a channel.</summary>
internal static class BatchNormLowering
{
    /// <summary>
    /// Y = γ (X − μ) / √(σ² + ε) + β; running mean ← m·mean + (1 − m) μ; running variance ← m·var + (1 − m) σ² n/(n − 1), unbiased as in PyTorch
    /// (ONNX Runtime Training took σ² itself); saved mean μ, saved inverse deviation 1/√(σ² + ε).
    /// </summary>
    public static IReadOnlyList<Value?> Forward(OpBuilder op, Node node, LoweringContext context)
    {
        (Value mean, Value variance) = (node.In(3), node.In(4));
        if (node.Int("training_mode", 1) == 0)
            return [Inference(op, node, mean, variance), mean, variance, null, null];

        Value x = node.In(0), gamma = node.In(1);
        var channels = new ChannelArithmetic(op, Rank(node, x, node.Out(0)), context.Target);
        Value n = Count(op, x, gamma);
        Value batchMean = channels.Mean(x, n);
        Value centered = channels.Less(x, batchMean);
        Value batchVariance = channels.Mean(centered * centered, n);
        Value r = op.Reciprocal(op.Sqrt(batchVariance + op.ScalarLike(variance, node.Float("epsilon", 1e-5f))));
        float momentum = node.Float("momentum", 0.9f);
        (Value kept, Value taken) = (op.ScalarLike(mean, momentum), op.ScalarLike(mean, 1.0 - momentum));
        return
        [
            context.Target.Device == ExecutionDevice.Cpu
                ? channels.Affine(centered, gamma * r, node.In(2))
                : Inference(op, node, batchMean, batchVariance),
            (mean * kept) + (batchMean * taken),
            (variance * kept) + (batchVariance * (taken * UnbiasedFactor(op, x, variance))),
            batchMean,
            r,
        ];
    }

    /// <summary>
    /// With x̂ = (X − μ) r, r the saved inverse deviation: dβ = Σ dY, dγ = Σ dY ⊙ x̂, dX = γ r (dY − dβ/n − x̂ dγ/n), which is an affine map of dY
    /// and one of X − μ. Written in X − μ, not X, so that a large mean costs no digits, and with r out of the sums: no pass over x̂ is needed.
    /// </summary>
    public static IReadOnlyList<Value?> Backward(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value x, Value gamma, Value mean, Value r) = (node.In(0), node.In(1), node.In(2), node.In(3), node.In(4));
        var channels = new ChannelArithmetic(op, Rank(node, x, dY), context.Target);
        Value centered = channels.Less(x, mean);
        Value dBeta = channels.Sum(dY);
        Value dGamma = channels.Sum(dY * centered) * r;
        if (!node.IsOutputUsed(0)) return [null, dGamma, dBeta];

        Value n = Count(op, x, gamma), scale = gamma * r;
        Value ofDY = channels.Affine(dY, scale, shift: -(scale * dBeta / n));
        Value ofX = channels.Affine(centered, -(scale * r * dGamma / n));
        return [ofDY + ofX, dGamma, dBeta];
    }

    private static Value Inference(OpBuilder op, Node node, Value mean, Value variance) =>
        op.Op("BatchNormalization", [node.In(0), node.In(1), node.In(2), mean, variance], ("epsilon", node.Float("epsilon", 1e-5f)));

    /// <summary>n / (n − 1); a single element has no spread, and its factor is finite.</summary>
    private static Value UnbiasedFactor(OpBuilder op, Value x, Value like)
    {
        if (KnownCount(x) is { } known) return op.ScalarLike(like, known / (double)Math.Max(known - 1, 1));
        Value n = Count(op, x, like);
        Value one = op.ScalarLike(like, 1);
        return n / op.Op("Max", [n - one, one]);
    }

    /// <summary>n: the elements of X over its channels.</summary>
    private static Value Count(OpBuilder op, Value x, Value perChannel)
    {
        if (KnownCount(x) is { } known) return op.ScalarLike(perChannel, known);
        Value count = op.Op("Div", [op.Size(x), op.Size(perChannel.Shape?.Rank == 1 ? perChannel : op.Gather(op.Shape(x), op.Ints(1)))]);
        return op.Op("Cast", [count], ("to", perChannel.Type.FloatIfUndefined()));
    }

    private static long? KnownCount(Value x) =>
        x.Shape is { IsStatic: true, Rank: > 1 } shape && shape[1].Value > 0 ? shape.Size.Value / shape[1].Value : null;

    private static int Rank(Node node, params Value[] candidates) =>
        candidates.FirstOrDefault(value => value.Shape is not null)?.Shape is { Rank: > 1 } shape ? shape.Rank
            : throw node.Refuse($"the rank of its input '{candidates[0].Name}' is not known, or below 2", "Export the model with shapes");
}
