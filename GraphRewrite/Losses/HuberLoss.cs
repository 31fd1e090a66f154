using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// With e = |X − T| and q = min(e, δ): mean q (e − q/2), that is e²/2 below δ and δ (e − δ/2) above. Divided by δ it is SmoothL1.
/// </summary>
public sealed record HuberLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => IsSmoothL1 ? "smooth-l1" : "huber";

    /// <summary>δ &gt; 0: where the parabola ends.</summary>
    public float Delta { get; init; } = 1;

    /// <summary>Whether it is torch.nn.SmoothL1Loss with β = δ.</summary>
    public bool IsSmoothL1 { get; init; }

    private protected override void Check(Value prediction)
    {
        if (!(Delta > 0) || !float.IsFinite(Delta)) throw Refused($"{(IsSmoothL1 ? "β" : "δ")} = {Delta} is not above 0");
    }

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        Value error = op.Op("Abs", [prediction - labels]);
        Value quadratic = op.Op("Clip", [error, null, op.ScalarLike(prediction, Delta)]);
        Value losses = quadratic * (error - (quadratic * op.ScalarLike(prediction, 0.5)));
        return Reduce(op, IsSmoothL1 ? losses / op.ScalarLike(prediction, Delta) : losses);
    }
}
