using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = Aᴮ: dA = dY ⊙ B ⊙ Aᴮ⁻¹, dB = dY ⊙ Y ⊙ ln A. As in PyTorch dA is 0 where B is 0, and dB is 0 where A is 0.
/// </summary>
internal static class PowGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        (Value a, Value y) = (n.In(0), n.Out(0));
        Value b = op.Cast(n.In(1), a.Type);
        Value isZero = op.Compare("Equal", a, 0);
        Value dB = dY * op.Where(isZero, op.ScalarLike(a, 0), y * op.Op("Log", [op.Where(isZero, op.ScalarLike(a, 1), a)]));
        return [dY * Derivative(op, n, a, b), op.Cast(dB, n.In(1).Type)];
    }

    private static Value Derivative(OpBuilder op, Node n, Value a, Value b)
    {
        if (n.In(1).Initializer is { Length: 1 } stored)
        {
            double power = stored.ToDouble()[0];
            return power switch
            {
                0 => op.ScalarLike(a, 0),
                1 => op.ScalarLike(a, 1),
                2 => a + a,
                _ => op.Op("Pow", [a, op.ScalarLike(a, power - 1)]) * op.ScalarLike(a, power),
            };
        }
        Value slope = b * op.Op("Pow", [a, b - op.ScalarLike(a, 1)]);
        return op.Where(op.Compare("Equal", b, 0), op.ScalarLike(a, 0), slope);
    }
}
