using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Dropout(X, ratio, training_mode) → Y, mask: dX = dY ⊙ mask / (1 − ratio) in training, else dY.</summary>
internal static class DropoutGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY) => n.InOrNull(2) is null
        ? [dY]
        : [op.Op("com.microsoft::DropoutGrad", [dY, n.Out(1), n.InOrNull(1), n.In(2)])];
}
