using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;

namespace TrainingHost.Models;

/// <summary>What a command trains: a training graph with its evaluation graph, initial values, and the optimizer that came with it.</summary>
internal sealed class TrainableModel
{
    public required string Path { get; init; }

    public required TrainingGraph Training { get; init; }

    /// <summary>Forward and loss in evaluation mode; parameters are inputs.</summary>
    public required Model Evaluation { get; init; }

    public required string Prediction { get; init; }

    /// <summary>The optimizer of the artifacts.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>Initial parameters, running statistics and, where a checkpoint has them, moments and step.</summary>
    public required IReadOnlyDictionary<string, Tensor> Initial { get; init; }

    public required Checkpoint Checkpoint { get; init; }

    /// <summary>What the user should know about the model, a line each.</summary>
    public required IReadOnlyList<Finding> Warnings { get; init; }

    /// <summary>The artifacts afresh, as they were before TrAct and lowering.</summary>
    public required Func<TrainingArtifacts> Reopen { get; init; }

    /// <summary>What the rewrite did; null where nothing was rewritten in memory.</summary>
    public RewriteReport? Rewrite { get; private set; }

    /// <summary>λ as the command gives it, or as rewritten artifacts have it; null without TrAct.</summary>
    public float? Lambda { get; private set; }

    public string EvaluationLoss => Evaluation.Graph.Outputs[0].Name;

    /// <summary>The graph inputs that a batch fills, labels last.</summary>
    public IReadOnlyList<Value> BatchInputs => [.. Training.BatchInputs.Select(Training.Graph.Get)];

    /// <summary>The number of classes: the second dimension of the logits; null where that is not known, or the labels are no classes.</summary>
    public long? Classes => Training.Graph.Get(Training.Labels).Type is ElementType.Int64 or ElementType.Int32
        && Training.Graph.Get(Prediction).Shape is { Rank: > 1 } shape && shape[1].IsKnown ? shape[1].Value : null;

    /// <summary>Whether a name is a parameter or running statistic, not a moment.</summary>
    public bool IsParameter(string name) => Checkpoint.Trainable.ContainsKey(name) || Checkpoint.Frozen.ContainsKey(name);

    /// <summary>The evaluation model with the logits as an output beside the loss.</summary>
    public Model EvaluationWithPrediction()
    {
        Value logits = Evaluation.Graph.Get(Prediction);
        if (!logits.IsGraphOutput) Evaluation.Graph.MarkOutput(logits);
        return Evaluation;
    }

    /// <param name="path">A folder of artifacts, or a forward .onnx.</param>
    /// <param name="forward">What to make of a forward model.</param>
    /// <exception cref="GraphRewriteException">The model cannot be read, or has no gradient.</exception>
    public static TrainableModel Open(string path, ForwardOptions forward)
    {
        TrainingArtifacts artifacts = ArtifactsOf(path, forward);
        ShapeInference.Apply(artifacts.Training.Graph);
        ExpandBernoulli.Apply(artifacts.Evaluation.Graph);
        RandomSeeds.Apply(artifacts.Evaluation.Graph, forward.Seed);
        return new()
        {
            Path = path,
            Training = artifacts.Training,
            Evaluation = artifacts.Evaluation,
            Prediction = artifacts.Prediction,
            Optimizer = artifacts.Optimizer,
            Checkpoint = artifacts.Checkpoint!,
            Initial = StepInitials.From(artifacts.Checkpoint!),
            Warnings = artifacts.Warnings,
            Reopen = () => ArtifactsOf(path, forward),
        };
    }

    private static TrainingArtifacts ArtifactsOf(string path, ForwardOptions forward) =>
        File.Exists(path) ? ForwardArtifacts.Build(path, forward) : TrainingArtifacts.Read(path);

    /// <summary>Puts TrAct in, in memory, if that is what the command asks for.</summary>
    /// <exception cref="GraphRewriteException">No layer can be rewritten, or the options do not go with the artifacts.</exception>
    public void Apply(TrActChoice tract) => (Rewrite, Lambda) = tract.Apply(Training, Path);
}
