using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>DropoutGrad(dY, mask, ratio, training): dX = dY ⊙ mask / (1 − ratio); outside training the mask is all ones and the ratio 0.</summary>
internal static class DropoutGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringTarget target)
    {
        (Value dY, Value mask) = (node.In(0), node.In(1));
        ElementType type = dY.Type == ElementType.Undefined ? ElementType.Float : dY.Type;
        Value kept = op.Op("Cast", [mask], ("to", type));
        return [dY * (kept * Scale(op, node, dY, type))];
    }

    /// <summary>1 / (1 − ratio · training), folded where both are constants.</summary>
    private static Value Scale(OpBuilder op, Node node, Value dY, ElementType type)
    {
        Tensor? ratio = node.InOrNull(2) is { } given ? given.Initializer : Tensor.Scalar(0.5f);
        // An absent mode counts as training here: a gradient is asked for in training alone, and 1.19.2 did not look at the mode.
        Tensor? training = node.InOrNull(3) is { } mode ? mode.Initializer : Tensor.Scalar(true);
        if (ratio is not null && training is not null) return op.ScalarLike(dY, 1 / (1 - (ratio.ToDouble()[0] * training.ToDouble()[0])));

        Value dropped = node.InOrNull(2) is { } r ? op.Op("Cast", [r], ("to", type)) : op.ScalarLike(dY, 0.5);
        if (node.InOrNull(3) is { } t) dropped *= op.Op("Cast", [t], ("to", type));
        return op.Reciprocal(op.ScalarLike(dY, 1) - dropped);
    }
}
