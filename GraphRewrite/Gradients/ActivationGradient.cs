using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Activations that ONNX Runtime Training has no gradient operator for: dX = dY ⊙ f′(X).</summary>
internal static class ActivationGradient
{
    private const double SeluAlpha = 1.6732632423543772848170429916717;
    private const double SeluGamma = 1.0507009873554804934193349852946;

    /// <summary>f′ = 1 for X &gt; 0, else Y + α.</summary>
    public static IReadOnlyList<Value?> Elu(OpBuilder op, Node n, Value dY) =>
        [Where(op, n, "Greater", 0, dY, dY * (n.Out(0) + op.ScalarLike(dY, n.Float("alpha", 1))))];

    /// <summary>f′ = γ for X &gt; 0, else Y + α γ.</summary>
    public static IReadOnlyList<Value?> Selu(OpBuilder op, Node n, Value dY)
    {
        (double alpha, double gamma) = (n.Has("alpha") ? n.Float("alpha", 0) : SeluAlpha, n.Has("gamma") ? n.Float("gamma", 0) : SeluGamma);
        return [Where(op, n, "Greater", 0, dY * op.ScalarLike(dY, gamma), dY * (n.Out(0) + op.ScalarLike(dY, alpha * gamma)))];
    }

    /// <summary>f′ = 1 for X &gt; 0, else Y / α + 1.</summary>
    public static IReadOnlyList<Value?> Celu(OpBuilder op, Node n, Value dY) =>
        [Where(op, n, "Greater", 0, dY, dY * ((n.Out(0) / op.ScalarLike(dY, n.Float("alpha", 1))) + op.ScalarLike(dY, 1)))];

    /// <summary>dX = dY for X &gt; 0, else slope ⊙ dY; dslope = 0 for X &gt; 0, else X ⊙ dY.</summary>
    public static IReadOnlyList<Value?> PRelu(OpBuilder op, Node n, Value dY)
    {
        Value isPositive = op.Compare("Greater", n.In(0), 0);
        return [op.Where(isPositive, dY, dY * n.In(1)), op.Where(isPositive, op.ScalarLike(dY, 0), dY * n.In(0))];
    }

    /// <summary>f′ = 1 for X &gt; α, else 0.</summary>
    public static IReadOnlyList<Value?> ThresholdedRelu(OpBuilder op, Node n, Value dY) =>
        [Where(op, n, "Greater", n.Float("alpha", 1), dY, op.ScalarLike(dY, 0))];

    /// <summary>f′ = 1 for min ≤ X ≤ max, else 0.</summary>
    public static IReadOnlyList<Value?> Clip(OpBuilder op, Node n, Value dY)
    {
        Value? above = n.InOrNull(1) is { } min ? op.Op("GreaterOrEqual", [n.In(0), min]) : null;
        Value? below = n.InOrNull(2) is { } max ? op.Op("LessOrEqual", [n.In(0), max]) : null;
        Value? inside = above is null || below is null ? above ?? below : op.Op("And", [above, below]);
        return [inside is null ? dY : dY * op.Indicator(inside, dY)];
    }

    /// <summary>Y = max(0, min(1, α X + β)): f′ = α for 0 &lt; Y &lt; 1, else 0.</summary>
    public static IReadOnlyList<Value?> HardSigmoid(OpBuilder op, Node n, Value dY)
    {
        Value inside = op.Op("And", [op.Compare("Greater", n.Out(0), 0), op.Compare("Less", n.Out(0), 1)]);
        return [op.Where(inside, dY * op.ScalarLike(dY, n.Float("alpha", 0.2f)), op.ScalarLike(dY, 0))];
    }

    /// <summary>Y = X max(0, min(1, X / 6 + 1/2)): f′ = 0 for X &lt; −3, 1 for X &gt; 3, else X / 3 + 1/2.</summary>
    public static IReadOnlyList<Value?> HardSwish(OpBuilder op, Node n, Value dY)
    {
        Value inner = dY * ((n.In(0) / op.ScalarLike(dY, 3)) + op.ScalarLike(dY, 0.5));
        Value rising = Where(op, n, "Greater", 3, dY, inner);
        return [Where(op, n, "Less", -3, op.ScalarLike(dY, 0), rising)];
    }

    /// <summary>Y = X tanh(s), s = softplus(X): f′ = tanh(s) + X (1 − tanh²(s)) σ(X).</summary>
    public static IReadOnlyList<Value?> Mish(OpBuilder op, Node n, Value dY)
    {
        Value x = n.In(0);
        Value t = op.Op("Tanh", [op.Op("Softplus", [x])]);
        return [dY * (t + (x * (op.ScalarLike(dY, 1) - (t * t)) * op.Sigmoid(x)))];
    }

    /// <summary>f′ = 1 / (1 + |X|)².</summary>
    public static IReadOnlyList<Value?> Softsign(OpBuilder op, Node n, Value dY)
    {
        Value root = op.Op("Abs", [n.In(0)]) + op.ScalarLike(dY, 1);
        return [dY / (root * root)];
    }

    /// <summary>BiasGelu(X, B): dX as of Gelu at X + B; dB = Σ dX over all axes but the last.</summary>
    public static IReadOnlyList<Value?> BiasGelu(OpBuilder op, Node n, Value dY)
    {
        Value dX = op.Op("com.microsoft::GeluGrad", [dY, n.In(0) + n.In(1)]);
        return [dX, Broadcast.SumTo(op, dX, n.In(1))];
    }

    /// <summary>FastGelu(X, bias): dX as of Gelu's tanh form at X + bias; dbias = Σ dX over all axes but the last.</summary>
    public static IReadOnlyList<Value?> FastGelu(OpBuilder op, Node n, Value dY)
    {
        if (n.InOrNull(1) is not { } bias) return [op.Op("com.microsoft::FastGeluGrad", [dY, n.In(0)])];
        Value dX = op.Op("com.microsoft::FastGeluGrad", [dY, n.In(0) + bias]);
        return [dX, Broadcast.SumTo(op, dX, bias)];
    }

    private static Value Where(OpBuilder op, Node n, string comparison, double bound, Value then, Value otherwise) =>
        op.Where(op.Compare(comparison, n.In(0), bound), then, otherwise);
}
