using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.NormalForm;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;

namespace GraphRewrite.Artifacts;

/// <summary>
/// The four files that onnxruntime.training.artifacts.generate_artifacts makes, as one checked object: training_model.onnx, eval_model.onnx,
/// optimizer_model.onnx and checkpoint.
/// </summary>
public sealed class TrainingArtifacts
{
    /// <summary>The folder that was read, or the forward model that the artifacts were made of.</summary>
    public required string Folder { get; init; }

    /// <summary>Forward, loss and gradients, with the roles of its inputs.</summary>
    public required TrainingGraph Training { get; init; }

    /// <summary>Forward and loss in inference mode.</summary>
    public required Model Evaluation { get; init; }

    /// <summary>The optimizer that optimizer_model.onnx holds.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>Null where the folder has none and none was asked for.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>The value that holds the prediction; it has the same name in both models.</summary>
    public required string Prediction { get; init; }

    /// <summary>What the user should know about the model that they were made from, a line each.</summary>
    public IReadOnlyList<Finding> Warnings { get; init; } = [];

    /// <summary>All parameters of the checkpoint, trainable and frozen.</summary>
    /// <exception cref="InvalidOperationException">There is no checkpoint.</exception>
    public IEnumerable<KeyValuePair<string, Tensor>> Parameters =>
        Checkpoint is { } checkpoint
            ? checkpoint.Trainable.Concat(checkpoint.Frozen)
            : throw new InvalidOperationException("The artifacts were read without a checkpoint.");

    /// <summary>Files with external data that the two models refer to, relative to the folder.</summary>
    internal IReadOnlyList<string> ExternalFiles =>
        [.. ModelOrigin.ExternalFiles(Training.Model).Concat(ModelOrigin.ExternalFiles(Evaluation)).Distinct()];

    /// <summary>Reads a folder that generate_artifacts, or this library, has written.</summary>
    /// <param name="folder">The folder with the files.</param>
    /// <param name="needsCheckpoint">Whether a missing checkpoint is an error.</param>
    /// <exception cref="GraphRewriteException">A file is missing or damaged, or the files do not belong together.</exception>
    public static TrainingArtifacts Read(string folder, bool needsCheckpoint = true)
    {
        AtomicFiles.Repair(folder);
        CheckFiles(folder, needsCheckpoint);
        Model training = OnnxReader.Read(Path.Combine(folder, ArtifactFiles.Training));
        Model evaluation = OnnxReader.Read(Path.Combine(folder, ArtifactFiles.Evaluation));
        OptimizerSettings optimizer = OptimizerModel.Read(Path.Combine(folder, ArtifactFiles.Optimizer));
        string checkpointPath = Path.Combine(folder, ArtifactFiles.Checkpoint);
        Checkpoint? checkpoint = File.Exists(checkpointPath) ? Artifacts.Checkpoint.Read(checkpointPath) : null;
        if (checkpoint is { IsNominal: true })
        {
            throw Refusal(
                checkpointPath, "a nominal checkpoint, which holds names but no values", "Use the full one that generate_artifacts wrote beside it");
        }

        HashSet<string>? parameters = checkpoint?.Trainable.Keys.Concat(checkpoint.Frozen.Keys).ToHashSet();
        TrainingGraph graph = Stages.In(Path.Combine(folder, ArtifactFiles.Training), () => TrainingGraph.FromArtifact(training, parameters));
        if (checkpoint is not null) CheckParameters(folder, graph, checkpoint);
        CheckEvaluation(folder, graph, evaluation.Graph);
        return new()
        {
            Folder = folder,
            Training = graph,
            Evaluation = evaluation,
            Optimizer = optimizer,
            Checkpoint = checkpoint,
            Prediction = Stages.In(Path.Combine(folder, ArtifactFiles.Evaluation), () => PredictionOf(evaluation.Graph, graph)),
        };
    }

    /// <summary>
    /// The evaluation model for a stock runtime: Bernoulli, which it lacks, made of operators that it has,
    /// and a seed for every random operator.
    /// </summary>
    /// <param name="seed">Of the run: the same seed draws the same numbers.</param>
    /// <returns>A copy; the artifacts stay as they are.</returns>
    public Model RunnableEvaluation(int seed)
    {
        Model evaluation = Evaluation.Clone();
        ExpandBernoulli.Apply(evaluation.Graph);
        RandomSeeds.Apply(evaluation.Graph, seed);
        return evaluation;
    }

    /// <summary>What the labels are compared with; a loss that came with the model may compare nothing.</summary>
    private static string PredictionOf(Graph evaluation, TrainingGraph training) => training.HasLabels
        ? PredictionFinder.Find(evaluation, training.Labels).Name
        : (PredictionFinder.FindOrNull(evaluation, training.Labels) ?? evaluation.Outputs[0]).Name;

    private static void CheckFiles(string folder, bool needsCheckpoint)
    {
        if (!Directory.Exists(folder))
            throw Refusal(folder, "no such folder", $"Give the folder that holds {ArtifactFiles.Training} and the three files beside it");
        string[] wanted = needsCheckpoint
            ? [ArtifactFiles.Training, .. ArtifactFiles.BesideTraining]
            : [ArtifactFiles.Training, ArtifactFiles.Evaluation, ArtifactFiles.Optimizer];
        string[] missing = [.. wanted.Where(file => !File.Exists(Path.Combine(folder, file)))];
        if (missing.Length > 0)
        {
            throw Refusal(
                folder,
                $"{string.Join(", ", missing)} missing",
                $"A folder of training artifacts holds {string.Join(", ", wanted)}, as generate_artifacts writes them");
        }
    }

    /// <summary>Every parameter input of the training model has a value of its type and shape.</summary>
    private static void CheckParameters(string folder, TrainingGraph training, Checkpoint checkpoint)
    {
        var problems = new List<Finding>();
        foreach (string name in training.Trainable.Where(name => !checkpoint.Trainable.ContainsKey(name)))
            problems.Add(new($"'{name}' has a gradient but is not among the checkpoint's trainable parameters"));
        foreach ((string name, Tensor tensor) in checkpoint.Trainable.Concat(checkpoint.Frozen))
        {
            if (training.Graph.Find(name) is not { IsGraphInput: true } input) continue;
            if (input.Type != tensor.Type || !Fits(input.Shape, tensor))
                problems.Add(new($"'{name}' is {input.Type}{input.Shape} in the model and {tensor} in the checkpoint"));
            else input.Shape = Shape.From(tensor.Dims); // the optimizer's state has it too
        }
        if (problems.Count == 0) return;
        throw new GraphRewriteException(new Finding($"{ArtifactFiles.Training} and {ArtifactFiles.Checkpoint} do not belong together")
        {
            Place = new() { File = folder },
            Inner = problems,
        });
    }

    private static bool Fits(Shape? shape, Tensor tensor) => shape is null
        || (shape.Rank == tensor.Rank && shape.Zip(tensor.Dims).All(pair => !pair.First.IsKnown || pair.First == pair.Second));

    private static void CheckEvaluation(string folder, TrainingGraph training, Graph evaluation)
    {
        string[] unknown = [.. evaluation.Inputs.Select(input => input.Name).Where(name => training.Graph.Find(name) is not { IsGraphInput: true })];
        if (unknown.Length > 0)
        {
            throw Refusal(
                folder,
                $"{ArtifactFiles.Evaluation} has inputs that {ArtifactFiles.Training} lacks: {string.Join(", ", unknown)}",
                "Are the files of one model?");
        }
        if (evaluation.Find(training.Labels) is null)
            throw Refusal(folder, $"{ArtifactFiles.Evaluation} does not use the labels '{training.Labels}'");
    }

    private static GraphRewriteException Refusal(string path, Phrase found, Phrase? remedy = null) =>
        new(new Finding(found, remedy) { Place = new() { File = path } });
}
