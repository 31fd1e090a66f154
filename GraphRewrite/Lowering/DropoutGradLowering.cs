using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>DropoutGrad(dY, mask, ratio, training): dX = dY ⊙ mask / (1 − ratio); outside training the mask is all ones and the ratio 0.</summary>
internal static class DropoutGradLowering
{
    public static IReadOnlyList<Value?> Lower(OpBuilder op, Node node, LoweringContext context) =>
        [node.In(0) * Factor(op, node.In(1), node.InOrNull(2), node.InOrNull(3), node.In(0))];

    /// <summary>mask / (1 − ratio), which the forward pass has too; in another value's type.</summary>
    internal static Value Factor(OpBuilder op, Value mask, Value? ratio, Value? training, Value like)
    {
        ElementType type = like.Type.FloatIfUndefined();
        return op.Op("Cast", [mask], ("to", type)) * Scale(op, ratio, training, like, type);
    }

    /// <summary>1 / (1 − ratio · training), folded where both are constants; 0 where all is dropped.</summary>
    private static Value Scale(OpBuilder op, Value? ratio, Value? training, Value like, ElementType type)
    {
        Tensor? stored = ratio is null ? Tensor.Scalar(0.5f) : ratio.Initializer;
        // An absent mode counts as training here: a gradient is asked for in training alone, and 1.19.2 did not look at the mode.
        Tensor? mode = training is null ? Tensor.Scalar(true) : training.Initializer;
        if (stored is not null && mode is not null)
        {
            double dropped = stored.ToDouble()[0] * mode.ToDouble()[0];
            return op.ScalarLike(like, dropped < 1 ? 1 / (1 - dropped) : 0);
        }

        Value rate = ratio is null ? op.ScalarLike(like, 0.5) : op.Op("Cast", [ratio], ("to", type));
        if (training is not null) rate *= op.Op("Cast", [training], ("to", type));
        Value kept = op.ScalarLike(like, 1) - rate, none = op.ScalarLike(like, 0);
        return op.Where(op.Op("Greater", [kept, none]), op.Reciprocal(kept), none);
    }
}
