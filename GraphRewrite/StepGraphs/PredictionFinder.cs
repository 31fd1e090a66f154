using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// Finds what a model predicts: the first input of SoftmaxCrossEntropyLoss; for losses that are made of standard operators, the value that meets
/// the labels.
/// </summary>
internal static class PredictionFinder
{
    private static readonly HashSet<string> CrossEntropies =
        ["SoftmaxCrossEntropyLoss", "SoftmaxCrossEntropyLossInternal", "NegativeLogLikelihoodLoss"];

    /// <param name="evaluation">The evaluation graph: forward and loss, without gradients.</param>
    /// <param name="labels">The name of the labels.</param>
    /// <exception cref="GraphRewriteException">No node takes the labels together with a prediction.</exception>
    public static Value Find(Graph evaluation, string labels) =>
        FindOrNull(evaluation, labels) ?? throw evaluation.Refuse($"no node compares a prediction with the labels '{labels}'");

    /// <summary>Null where no node takes the labels together with a prediction.</summary>
    public static Value? FindOrNull(Graph evaluation, string labels)
    {
        Value target = evaluation.Get(labels);
        IReadOnlySet<Value> ofLabels = MadeOfLabels.In(evaluation, target);
        HashSet<Value> ofOthers = Walk.Downstream(evaluation.Inputs.Where(input => input != target));
        foreach (Node node in evaluation.Nodes)
        {
            if (!node.Inputs.Any(input => input is not null && ofLabels.Contains(input))) continue;
            if (CrossEntropies.Contains(node.Op.Type)) return node.In(0);
            if (Compared(node, ofLabels, ofOthers) is { } compared) return node.Op == "Mul" ? Logits(Unweighed(compared)) : Logits(compared);
        }
        return null;
    }

    /// <summary>
    /// The value that a node brings together with the labels; null for none. T (ln T − X) compares X, in the inner of two meetings.
    /// </summary>
    private static Value? Compared(Node meeting, IReadOnlySet<Value> ofLabels, HashSet<Value> ofOthers) =>
        meeting.Inputs.OfType<Value>().FirstOrDefault(input => !ofLabels.Contains(input) && ofOthers.Contains(input) && input.Producer is not null);

    /// <summary>Probabilities as labels are multiplied by w ln softmax(X): the logits are X.</summary>
    private static Value Unweighed(Value compared)
    {
        Value log = compared.Producer is { } node && node.Op == "Mul" ? node.In(0) : compared;
        return log.Producer is { } softmax && softmax.Op == "LogSoftmax" ? softmax.In(0) : compared;
    }

    /// <summary>Binary cross-entropy with logits compares Log(Sigmoid(x)) with the labels: the logits are x.</summary>
    private static Value Logits(Value compared)
    {
        Value value = compared;
        while (value.Producer is { Op: { Domain: OpId.Onnx, Type: "Log" or "Sigmoid" or "Sub" or "Add" or "Clip" } } node)
        {
            if (node.Inputs.OfType<Value>().FirstOrDefault(input => input.Producer is not null) is not { } inner) break;
            value = inner;
            if (node.Op.Type == "Sigmoid") return value;
        }
        return compared;
    }
}
