using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>mean (X − T)².</summary>
public sealed record MseLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "mse";

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels)
    {
        Value error = prediction - labels;
        return Reduce(op, error * error);
    }
}
