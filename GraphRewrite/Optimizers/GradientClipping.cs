using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Optimizers;

/// <summary>torch.nn.utils.clip_grad_norm_: g' = g · min(1, c / (‖g‖ + 10⁻⁶)), with ‖g‖ the Euclidean norm of all gradients as one vector.</summary>
internal static class GradientClipping
{
    private const double Epsilon = 1e-6;

    /// <param name="op">Where to emit.</param>
    /// <param name="gradients">All of them.</param>
    /// <param name="norm">c.</param>
    public static Value[] Apply(OpBuilder op, Value[] gradients, double norm)
    {
        Value[] squares = [.. gradients.Select(g => op.Cast(op.Op("ReduceSumSquare", [g], ("keepdims", 0L)), ElementType.Float))];
        Value total = op.Sqrt(op.Sum(squares));
        Value scale = op.Op("Min", [op.ScalarLike(total, norm) / (total + op.ScalarLike(total, Epsilon)), op.ScalarLike(total, 1)]);
        return [.. gradients.Select(g => g * op.Cast(scale, g.Type))];
    }
}
