using GraphRewrite.IR;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.Rules;

namespace GraphRewrite.Forward;

/// <summary>How a forward model becomes one that is trained.</summary>
public sealed record ForwardOptions
{
    /// <summary>What a prediction is compared with the labels by.</summary>
    public Loss Loss { get; init; } = new CrossEntropyLoss();

    /// <summary>The outputs that are trained; none: the model's first floating-point output.</summary>
    public IReadOnlyList<TrainedOutput> Outputs { get; init; } = [];

    /// <summary>Whether all outputs are compared with the same labels; else each has labels of its own.</summary>
    public bool SharesLabels { get; init; }

    /// <summary>Names or globs of parameters that stay as they are.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>
    /// Extents of the symbols in the shapes of the user inputs, as far as they are known before a batch comes: asked once the model is read.
    /// The training graph is made for them: recurrent layers are unrolled, and what needs sizes gets them. The evaluation graph keeps its symbols,
    /// and so does the batch, the first axis of the first input, in both.
    /// </summary>
    public Func<IReadOnlyList<Value>, IReadOnlyDictionary<string, long>>? Sizes { get; init; }

    /// <summary>Steps that recurrent layers are unrolled for, where neither the model nor <see cref="Sizes"/> says how many.</summary>
    public long? Length { get; init; }

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
