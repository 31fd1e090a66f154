using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>What a command trains: a training graph with its evaluation graph, initial values, and the optimizer that came with it.</summary>
internal sealed class TrainableModel
{
    private readonly TrainingArtifacts artifacts;

    private readonly OrderedDictionary<string, Tensor> initial;

    private readonly int seed;

    private TrainableModel(string path, TrainingArtifacts artifacts, int seed, IReadOnlyList<Finding> warnings)
    {
        (Path, this.artifacts, this.seed, Warnings) = (path, artifacts, seed, warnings);
        Checkpoint = artifacts.Checkpoint!;
        Training = artifacts.Training.Clone();
        initial = StepInitials.From(Checkpoint, StepNames.Beside(Training));
        ShapeInference.Apply(Training.Graph);
        Evaluation = artifacts.RunnableEvaluation(seed);
    }

    public string Path { get; }

    /// <summary>The training graph with shapes, and with TrAct once it was asked for.</summary>
    public TrainingGraph Training { get; }

    /// <summary>Forward and loss in evaluation mode; parameters are inputs.</summary>
    public Model Evaluation { get; }

    public string Prediction => artifacts.Prediction;

    /// <summary>The optimizer of the artifacts.</summary>
    public OptimizerSettings Optimizer => artifacts.Optimizer;

    /// <summary>Initial parameters, running statistics and, where a checkpoint has them, moments and step.</summary>
    public IReadOnlyDictionary<string, Tensor> Initial => initial;

    public Checkpoint Checkpoint { get; }

    /// <summary>What the user should know about the model, a line each.</summary>
    public IReadOnlyList<Finding> Warnings { get; }

    /// <summary>What the rewrite did; null where nothing was rewritten in memory.</summary>
    public RewriteReport? Rewrite { get; private set; }

    /// <summary>λ as the command gives it, or as rewritten artifacts have it; null without TrAct.</summary>
    public float? Lambda { get; private set; }

    /// <summary>Whether the evaluation draws random numbers: noise that the export does not tell from the model.</summary>
    public bool DrawsInEvaluation =>
        Evaluation.Graph.Nodes.Any(node => node.Op.Type.StartsWith("Random", StringComparison.Ordinal) || node.Op == "Multinomial");

    public string EvaluationLoss => Evaluation.Graph.Outputs[0].Name;

    /// <summary>The graph inputs that a batch fills, labels last.</summary>
    public IReadOnlyList<Value> BatchInputs => [.. Training.BatchInputs.Select(Training.Graph.Get)];

    /// <summary>The number of classes: the second dimension of the logits; null where that is not known, or the labels are no classes.</summary>
    public long? Classes => Training.HasLabels && Training.Graph.Get(Training.Labels).Type is ElementType.Int64 or ElementType.Int32
        && Training.Graph.Get(Prediction).Shape is { Rank: > 1 } shape && shape[1].IsKnown ? shape[1].Value : null;

    /// <summary>The label whose examples do not count; null where all do.</summary>
    public long? IgnoredLabel => Training.Graph.Get(Training.Labels).Uses.Select(use => use.Node).FirstOrDefault(node => node.Has("ignore_index"))
        ?.Int("ignore_index", 0);

    /// <param name="path">A folder of artifacts, or a forward .onnx: it is read now, and not again.</param>
    /// <param name="forward">What to make of a forward model.</param>
    /// <param name="weights">Other weights than those of the folder; null for its own.</param>
    /// <exception cref="GraphRewriteException">The model cannot be read, has no gradient, or is one for raw data.</exception>
    public static TrainableModel Open(string path, ForwardOptions forward, ChosenWeights? weights = null)
    {
        TrainingArtifacts artifacts = OpenedArtifacts.Read(path, forward, weights);
        if (DeployedModel.HasPreprocessingInside(artifacts.Training.Model))
        {
            throw new GraphRewriteException(
                $"{path}: has its preprocessing inside, as export puts it there: mean and deviation would be applied twice. "
                + "Take the model that the run began with, the run itself (train --resume RUN, evaluate RUN), "
                + "or what export --no-preprocessing writes.");
        }
        return new(path, artifacts, forward.Seed, artifacts.Warnings);
    }

    /// <summary>Writes the artifacts as they were opened.</summary>
    public void WriteTo(string folder) => ArtifactFolder.Write(With(folder, Checkpoint), folder);

    /// <summary>This model, as the artifacts that <see cref="WriteTo"/> wrote have it.</summary>
    public TrainableModel ReadFrom(string folder) => new(Path, TrainingArtifacts.Read(folder), seed, Warnings);

    /// <summary>Forgets an initial value that a session has now; of a parameter name and type stay.</summary>
    /// <param name="name">Of a parameter, running statistic or moment, or another: then there is nothing to forget.</param>
    /// <returns>The bytes that it takes.</returns>
    public long Release(string name)
    {
        foreach (OptimizerGroup group in Checkpoint.OptimizerGroups) group.Momentums.Clear(); // they are initial values too
        foreach (OrderedDictionary<string, Tensor> values in new[] { Checkpoint.Trainable, Checkpoint.Frozen })
            if (values.TryGetValue(name, out Tensor? parameter)) values[name] = new(parameter.Type, [0], ReadOnlyMemory<byte>.Empty);
        return initial.Remove(name, out Tensor? value) ? value.Data.Length : 0;
    }

    /// <summary>Forgets these and all other initial values, such as moments of another optimizer; parameters that no session has stay.</summary>
    /// <param name="names">Of parameters, running statistics and moments.</param>
    public void ReleaseAll(IEnumerable<string> names)
    {
        foreach (string name in names) Release(name);
        initial.Clear();
    }

    /// <summary>Whether a name is a parameter or running statistic, not a moment.</summary>
    public bool IsParameter(string name) => Checkpoint.Trainable.ContainsKey(name) || Checkpoint.Frozen.ContainsKey(name);

    /// <summary>A copy of the evaluation model with the prediction as an output beside the loss.</summary>
    public Model EvaluationWithPrediction()
    {
        Model model = Evaluation.Clone();
        Value prediction = model.Graph.Get(Prediction);
        if (!prediction.IsGraphOutput) model.Graph.MarkOutput(prediction);
        return model;
    }

    /// <summary>Puts TrAct into this model's training graph, in memory, if that is what the command asks for.</summary>
    /// <exception cref="GraphRewriteException">No layer can be rewritten, or the options do not go with the artifacts.</exception>
    public void Apply(TrActChoice tract, long? batchSize) => (Rewrite, Lambda) = ChosenTrAct.ApplyTo(Training, tract, Path, batchSize);

    /// <summary>The artifacts as they were opened, before TrAct and shapes, with another checkpoint.</summary>
    /// <param name="folder">Where they are to be.</param>
    /// <param name="checkpoint">The parameters and moments of now.</param>
    public TrainingArtifacts With(string folder, Checkpoint checkpoint) => artifacts.With(folder, checkpoint);

    /// <summary>The same with weights of a run of this model.</summary>
    public TrainingArtifacts With(string folder, ChosenWeights weights) => artifacts.With(folder, weights.For(artifacts.Training));
}
