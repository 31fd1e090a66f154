using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>What makes probabilities of a model's prediction.</summary>
public enum OutputActivation
{
    /// <summary>Nothing: it predicts numbers.</summary>
    None,

    /// <summary>Softmax over axis 1: of one of several classes.</summary>
    Softmax,

    /// <summary>Sigmoid: of each class by itself.</summary>
    Sigmoid,
}

/// <summary>Finds it in a loss.</summary>
public static class OutputActivations
{
    /// <summary>What the loss takes the prediction for: logits of one class, by cross-entropy, or of each class, by binary cross-entropy.</summary>
    /// <param name="evaluation">Forward and loss.</param>
    /// <param name="prediction">The value that holds the prediction.</param>
    public static OutputActivation InLoss(Model evaluation, string prediction)
    {
        Value logits = evaluation.Graph.Get(prediction);
        if (logits.Uses.Any(use => IsCrossEntropy(use.Node))) return OutputActivation.Softmax;
        return IsInBinaryCrossEntropy(logits) ? OutputActivation.Sigmoid : OutputActivation.None;
    }

    private static bool IsCrossEntropy(Node reader) => reader.Op.Type is "SoftmaxCrossEntropyLoss" or "SoftmaxCrossEntropyLossInternal"
        || (reader.Op == "LogSoftmax" && reader.Int("axis", -1) == 1);

    /// <summary>softplus(±X) beside X times targets, as it is written here, or ln σ(X), as in onnxblock. A loss of softplus(X) alone is another.</summary>
    private static bool IsInBinaryCrossEntropy(Value logits) =>
        (logits.Uses.Any(use => IsSoftplus(use.Node)) && logits.Uses.Any(use => IsProductWithTargets(use.Node, logits)))
        || logits.Uses.Any(use => use.Node.Op == "Sigmoid" && use.Node.Out(0).Uses.Any(read => read.Node.Op == "Log"));

    private static bool IsSoftplus(Node reader) =>
        reader.Op == "Softplus" || (reader.Op == "Neg" && reader.Out(0).Uses.Any(use => use.Node.Op == "Softplus"));

    private static bool IsProductWithTargets(Node reader, Value logits) => reader.Op == "Mul"
        && reader.Inputs.OfType<Value>().Where(operand => operand != logits).Select(operand => Walk.Upstream(operand))
            .Any(made => !made.Contains(logits) && made.Any(value => value.IsGraphInput));
}
