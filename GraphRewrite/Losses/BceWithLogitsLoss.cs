using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// torch.nn.BCEWithLogitsLoss: mean of −p T ln σ(X) − (1 − T) ln(1 − σ(X)), p a weight of the positive examples of each class. Without weights it is
/// softplus(X) − X T; with them (1 − T) X + (1 + (p − 1) T) softplus(−X). Neither overflows.
/// </summary>
public sealed record BceWithLogitsLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "bce-with-logits";

    /// <summary>p, one for each class along the last axis of the logits (or a single one for all); null weighs all alike.</summary>
    public IReadOnlyList<float>? PosWeight { get; init; }

    private protected override void Check(Value prediction) => CheckCount(
        PosWeight is { Count: 1 } ? null : PosWeight,
        prediction.Shape is { Rank: > 0 } shape ? shape[-1] : Dim.Unknown,
        "positive weights",
        prediction);

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        if (PosWeight is not { } weights) return Reduce(op, op.Op("Softplus", [prediction]) - (prediction * labels));
        Value one = op.ScalarLike(prediction, 1);
        Value p = op.Cast(op.Constant(Tensor.Vector([.. weights])), prediction.Type);
        Value positive = one + (labels * (p - one));
        return Reduce(op, ((one - labels) * prediction) + (positive * op.Op("Softplus", [-prediction])));
    }
}
