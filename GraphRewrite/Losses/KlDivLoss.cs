using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// torch.nn.KLDivLoss: T (ln T − X), 0 where T is 0, with X log-probabilities and T probabilities; summed over classes and divided by the number of
/// examples (batchmean), the divergence of a batch.
/// </summary>
public sealed record KlDivLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "kl-div";

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        Value isZero = op.Op("Equal", [labels, op.ScalarLike(labels, 0)]);
        Value log = op.Op("Log", [op.Where(isZero, op.ScalarLike(labels, 1), labels)]);
        Value sum = op.Op("ReduceSum", [labels * (log - prediction)], ("keepdims", 0));
        if (Reduction == LossReduction.Sum) return sum;
        return sum / op.Cast(op.Gather(op.Shape(prediction), op.Constant(Tensor.Scalar(0L))), prediction.Type);
    }
}
