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
        return logits.Uses.Any(use => IsBinaryCrossEntropy(use.Node)) ? OutputActivation.Sigmoid : OutputActivation.None;
    }

    private static bool IsCrossEntropy(Node reader) => reader.Op.Type is "SoftmaxCrossEntropyLoss" or "SoftmaxCrossEntropyLossInternal"
        || (reader.Op == "LogSoftmax" && reader.Int("axis", -1) == 1);

    /// <summary>softplus(±X), as it is written here, or ln σ(X), as in onnxblock.</summary>
    private static bool IsBinaryCrossEntropy(Node reader) => reader.Op == "Softplus"
        || (reader.Op == "Neg" && reader.Out(0).Uses.Any(use => use.Node.Op == "Softplus"))
        || (reader.Op == "Sigmoid" && reader.Out(0).Uses.Any(use => use.Node.Op == "Log"));
}
