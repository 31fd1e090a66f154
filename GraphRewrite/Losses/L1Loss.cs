using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>mean |X − T|.</summary>
public sealed record L1Loss : Loss
{
    /// <inheritdoc/>
    public override string Name => "l1";

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels) => Reduce(op, op.Op("Abs", [prediction - labels]));
}
