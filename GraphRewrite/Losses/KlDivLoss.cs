using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// torch.nn.KLDivLoss: T (ln T − X), 0 where T is 0, with X log-probabilities and T probabilities, or e^T (T − X) with T log-probabilities too.
/// Summed over classes and divided by the number of examples (batchmean, the divergence of a batch), unless another reduction is asked for.
/// </summary>
public sealed record KlDivLoss : Loss
{
    /// <summary>The divergence of a batch.</summary>
    public KlDivLoss() => Reduction = LossReduction.BatchMean;

    /// <inheritdoc/>
    public override string Name => "kl-div";

    /// <summary>Whether the labels are logarithms of probabilities.</summary>
    public bool LogTarget { get; init; }

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        Value losses = LogTarget ? op.Exp(labels) * (labels - prediction) : OfProbabilities(op, prediction, labels);
        if (Reduction != LossReduction.BatchMean) return Reduce(op, losses);
        Value sum = op.Op("ReduceSum", [losses], ("keepdims", 0));
        return sum / op.Cast(op.Extent(prediction, 0), prediction.Type);
    }

    private static Value OfProbabilities(OpBuilder op, Value prediction, Value labels)
    {
        Value isZero = op.Op("Equal", [labels, op.ScalarLike(labels, 0)]);
        Value log = op.Op("Log", [op.Where(isZero, op.ScalarLike(labels, 1), labels)]);
        return labels * (log - prediction);
    }
}
