using GraphRewrite.IR;

namespace GraphRewrite.Losses;

/// <summary>mean of −T ln σ(X) − (1 − T) ln(1 − σ(X)) = max(X, 0) − X T + ln(1 + exp(−|X|)), which does not overflow.</summary>
public sealed record BceWithLogitsLoss : Loss
{
    public override string Name => "bce-with-logits";

    protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        // ln(1 + exp(−|X|)) = −ln σ(|X|): one node less, and its gradient at X = 0 joins that of max(X, 0) to σ(0) = ½ with Relu's 0 and |X|'s sign 0.
        Value tail = op.Op("Log", [op.ScalarLike(prediction, 1) + op.Exp(-op.Op("Abs", [prediction]))]);
        return Reduce(op, op.Op("Relu", [prediction]) - (prediction * labels) + tail);
    }
}
