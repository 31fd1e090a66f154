namespace GraphRewrite.IR.Shapes;

/// <summary>Losses over scores [N, C, d…] and labels [N, d…].</summary>
internal static class LossShapes
{
    /// <summary>The loss, and the log probabilities like the scores.</summary>
    public static IReadOnlyList<ValueInfo> SoftmaxCrossEntropy(Node n) => [Loss(n), ValueInfo.Like(n.In(0))];

    public static IReadOnlyList<ValueInfo> NegativeLogLikelihood(Node n) => [Loss(n)];

    /// <summary>dLogits like the log probabilities.</summary>
    public static IReadOnlyList<ValueInfo> SoftmaxCrossEntropyGrad(Node n) => [ValueInfo.Like(n.In(1))];

    /// <summary>A scalar, or one loss a label.</summary>
    private static ValueInfo Loss(Node n) => new(n.In(0).Type, n.String("reduction", "mean") == "none" ? n.In(1).Shape : Shape.Scalar);
}
