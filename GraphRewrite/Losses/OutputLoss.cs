using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Losses;

/// <summary>
/// The model's output is its loss already: its mean (or sum), where it is more than a scalar. The labels are one of the model's own inputs.
/// </summary>
public sealed record OutputLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "output";

    internal override bool TakesLabels => false;

    private protected override Value Emit(OpBuilder op, Value prediction, Value labels) =>
        prediction.Shape is { Rank: 0 } ? op.Identity(prediction) : Reduce(op, prediction);
}
