using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// SoftmaxCrossEntropyLoss(scores, labels, weights) → loss, log_prob: dscores by ONNX Runtime's fused operator, which reads log_prob.
/// </summary>
internal static class CrossEntropyGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        if (n.OutOrNull(1) is not { } logProb) throw n.Refuse("its gradient needs the output log_prob");
        return [op.Op("com.microsoft::SoftmaxCrossEntropyLossGrad", [dY, logProb, n.In(1), .. n.Inputs.Skip(2)], n.Copy())];
    }
}
