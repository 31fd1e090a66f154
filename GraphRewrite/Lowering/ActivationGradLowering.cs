using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>Gradients of activations, elementwise: dX = dY ⊙ f′. Every f′ is the derivative of the runtime's own forward operator.</summary>
internal static class ActivationGradLowering
{
    private static readonly double SqrtHalf = Math.Sqrt(0.5);
    private static readonly double InverseSqrtPi = 1 / Math.Sqrt(Math.PI);
    private static readonly double SqrtTwoOverPi = Math.Sqrt(2 / Math.PI);

    /// <summary>
    /// dX = dY ⊙ [Y > 0], Y the forward input or output. Cast(Greater) is exact everywhere (denormals count as positive, NaN as not); the
    /// steeper HardSigmoid is 0.1 ms faster on 4 MB but makes fractions of denormals.
    /// </summary>
    public static IReadOnlyList<Value?> Relu(OpBuilder op, Node node, LoweringContext context) => [node.In(0) * Step(op, node.In(1), node.In(0))];

    /// <summary>dX = dY ⊙ (α + (1 − α) [Y > 0]).</summary>
    public static IReadOnlyList<Value?> LeakyRelu(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value y) = (node.In(0), node.In(1));
        float alpha = node.Float("alpha", 0.01f);
        return [dY * (op.ScalarLike(dY, alpha) + (op.ScalarLike(dY, 1.0 - alpha) * Step(op, y, dY)))];
    }

    /// <summary>
    /// Gelu(x) = x Φ(x): dX = dY ⊙ (Φ(x) + x φ(x)), Φ(x) = ½ (1 + erf(x/√2)), φ(x) = e^(−x²/2) / √(2π).
    /// In u = x/√2: Φ = ½ + ½ erf(u), which as a number from 0 to 1 HardSigmoid computes in one pass, and x φ = u / e^(u²) / √π,
    /// which is 0 where e^(u²) overflows.
    /// </summary>
    public static IReadOnlyList<Value?> Gelu(OpBuilder op, Node node, LoweringContext context) => [Gelu(op, node.In(0), node.In(1))];

    /// <summary>BiasGelu: the same at X + B.</summary>
    public static IReadOnlyList<Value?> BiasGelu(OpBuilder op, Node node, LoweringContext context) => [Gelu(op, node.In(0), node.In(1) + node.In(2))];

    public static IReadOnlyList<Value?> FastGelu(OpBuilder op, Node node, LoweringContext context) => [FastGelu(op, node.In(0), node.In(1))];

    /// <summary>BiasFastGelu: the same at X + B.</summary>
    public static IReadOnlyList<Value?> BiasFastGelu(OpBuilder op, Node node, LoweringContext context) =>
        [FastGelu(op, node.In(0), node.In(1) + node.In(2))];

    /// <summary>QuickGelu(x) = x s, s = σ(αx): dX = dY ⊙ s (1 + αx (1 − s)).</summary>
    public static IReadOnlyList<Value?> QuickGelu(OpBuilder op, Node node, LoweringContext context)
    {
        (Value dY, Value x) = (node.In(0), node.In(1));
        float alpha = node.Float("alpha", 1.702f);
        Value scaled = alpha == 1 ? x : x * op.ScalarLike(dY, alpha);
        Value s = op.Sigmoid(scaled);
        Value one = op.ScalarLike(dY, 1);
        return [dY * (s * (one + (scaled * (one - s))))];
    }

    private static Value Gelu(OpBuilder op, Value dY, Value x)
    {
        Value u = x * op.ScalarLike(dY, SqrtHalf);
        Value cdf = op.Op("HardSigmoid", [op.Erf(u)], ("alpha", 0.5f), ("beta", 0.5f));
        return dY * (cdf + (u / op.Exp(u * u) * op.ScalarLike(dY, InverseSqrtPi)));
    }

    /// <summary>FastGelu(x) = ½ x (1 + t), t = tanh(√(2/π) (x + c x³)), c = 0.044715: dX = dY ⊙ ½ (1 + t + x (1 − t²) √(2/π) (1 + 3c x²)).</summary>
    private static Value FastGelu(OpBuilder op, Value dY, Value x)
    {
        const double C = 0.044715;
        Value one = op.ScalarLike(dY, 1);
        Value square = x * x;
        Value t = op.Op("Tanh", [x * (op.ScalarLike(dY, SqrtTwoOverPi) + (op.ScalarLike(dY, SqrtTwoOverPi * C) * square))]);
        Value slope = op.ScalarLike(dY, SqrtTwoOverPi) + (op.ScalarLike(dY, SqrtTwoOverPi * 3 * C) * square);
        return dY * (op.ScalarLike(dY, 0.5) * (one + t + (x * (one - (t * t)) * slope)));
    }

    private static Value Step(OpBuilder op, Value y, Value like) =>
        op.Op("Cast", [op.Op("Greater", [y, op.ScalarLike(like, 0)])], ("to", like.Type.FloatIfUndefined()));
}
