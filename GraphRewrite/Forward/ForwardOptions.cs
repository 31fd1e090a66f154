using GraphRewrite.Losses;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.Rules;

namespace GraphRewrite.Forward;

/// <summary>How a forward model becomes one that is trained.</summary>
public sealed record ForwardOptions
{
    /// <summary>What the prediction, the model's first floating-point output, is compared with the labels by.</summary>
    public Loss Loss { get; init; } = new CrossEntropyLoss();

    /// <summary>Names or globs of parameters that stay as they are.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Whether BatchNormalization trains by the statistics of the batch, or keeps the stored ones.</summary>
    public BatchNormMode BatchNorm { get; init; } = BatchNormMode.Train;

    /// <summary>The optimizer that the artifacts name.</summary>
    public OptimizerSettings Optimizer { get; init; } = new AdamWSettings();

    /// <summary>
    /// Gradients and shapes of operators of the program's own.
    /// What the artifacts hold of them is lowered where a step graph is built.
    /// </summary>
    public CustomOperators Operators { get; init; } = CustomOperators.None;

    /// <summary>Of parameters that the model brings no values for.</summary>
    public int Seed { get; init; } = 1;
}
