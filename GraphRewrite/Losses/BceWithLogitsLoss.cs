using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>mean of −T ln σ(X) − (1 − T) ln(1 − σ(X)) = softplus(X) − X T, which does not overflow and has the gradient σ(X) − T everywhere.</summary>
public sealed record BceWithLogitsLoss : Loss
{
    public override string Name => "bce-with-logits";

    protected override Value Emit(OpBuilder op, Value prediction, Value labels) => Reduce(op, op.Op("Softplus", [prediction]) - (prediction * labels));
}
