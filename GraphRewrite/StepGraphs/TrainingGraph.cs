using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// A graph in ONNX Runtime Training's dialect, and which of its names is what: forward, loss and gradients of the mean loss of one batch.
/// The gradient of a parameter P is the value <c>P_grad</c>.
/// </summary>
public sealed class TrainingGraph
{
    private const string LossProperty = "tract.loss";

    /// <summary>The model that the names are of.</summary>
    public required Model Model { get; init; }

    /// <summary>The model's graph.</summary>
    public Graph Graph => Model.Graph;

    /// <summary>Graph inputs that a batch fills, labels last, in the model's order.</summary>
    public required IReadOnlyList<string> BatchInputs { get; init; }

    /// <summary>Parameters with a gradient, in the model's order.</summary>
    public required IReadOnlyList<string> Trainable { get; init; }

    /// <summary>Parameters without one; running statistics are among them.</summary>
    public required IReadOnlyList<string> Frozen { get; init; }

    /// <summary>The scalar that is minimized.</summary>
    public required string Loss { get; init; }

    /// <summary>The graph input that holds the labels.</summary>
    public string Labels => BatchInputs[^1];

    /// <summary>Whether the last batch input holds labels that the loss was made for; false where the model's output is its loss itself.</summary>
    public bool HasLabels { get; init; } = true;

    /// <summary>The user inputs without the labels.</summary>
    public IReadOnlyList<string> UserInputs => HasLabels ? [.. BatchInputs.Take(BatchInputs.Count - 1)] : BatchInputs;

    /// <summary>
    /// Whether the loss takes the logarithm of the labels before the prediction comes in, as the Kullback-Leibler divergence does:
    /// then the labels of an example must be probabilities.
    /// </summary>
    public bool HasProbabilityLabels =>
        MadeOfLabels.In(Graph, Graph.Get(Labels)).Any(value => value.Producer is { } node && node.Op == "Log");

    /// <summary>Notes in the model that its loss is its own output, so that none of its inputs was added for labels.</summary>
    internal static void MarkUnlabelled(Model model) => model.SetMetadata(LossProperty, "output");

    /// <summary>A copy that shares nothing that changes (see <see cref="Model.Clone"/>).</summary>
    public TrainingGraph Clone() => With(Model.Clone(), Trainable);

    /// <summary>The same model, in which other inputs are trained.</summary>
    internal TrainingGraph WithTrainable(IReadOnlyList<string> trainable) => With(Model, trainable);

    private TrainingGraph With(Model model, IReadOnlyList<string> trainable) => new()
    {
        Model = model,
        BatchInputs = BatchInputs,
        Trainable = trainable,
        Frozen = Frozen,
        Loss = Loss,
        HasLabels = HasLabels,
    };

    /// <summary>Reads the roles off a training_model.onnx: batch inputs, labels, parameters, accumulation buffers, reset flag.</summary>
    /// <param name="model">The training model.</param>
    /// <param name="parameters">
    /// The checkpoint's parameters; null where there is no checkpoint: then what has a symbolic dimension, and all before it, is the batch.
    /// </param>
    /// <exception cref="GraphRewriteException">The model is no training artifact.</exception>
    internal static TrainingGraph FromArtifact(Model model, IReadOnlySet<string>? parameters = null)
    {
        string[] names = [.. model.Graph.Inputs.Select(input => input.Name)];
        HashSet<string> buffered = [.. names.Where(GradientNames.IsBuffer).Select(GradientNames.ParameterOf)];
        if (buffered.Count == 0)
        {
            throw model.Graph.Refuse(
                $"the training model has no input '{GradientNames.Buffer("P")}': it is not what generate_artifacts made",
                "Give the folder with its four files");
        }

        Value[] data = [.. model.Graph.Inputs.Where(input => !GradientNames.IsBuffer(input.Name) && input.Type != ElementType.Bool)];
        int lastDynamic = Array.FindLastIndex(data, input => input.Shape is not { IsStatic: true });
        string[] batch = parameters is null
            ? [.. data.Take(lastDynamic + 1).Select(input => input.Name)]
            : [.. data.Select(input => input.Name).Where(name => !parameters.Contains(name))];
        bool hasLabels = model.MetadataOf(LossProperty) is null;
        if (batch.Length < (hasLabels ? 2 : 1))
        {
            throw model.Graph.Refuse($"the training model needs at least one user input and the labels; found: {string.Join(", ", batch)}");
        }
        if (model.Graph.Outputs.Count == 0) throw model.Graph.Refuse("the training model has no output, which would be the loss");
        string[] trainable = [.. data.Select(input => input.Name).Where(buffered.Contains)];
        return new()
        {
            Model = model,
            BatchInputs = batch,
            Trainable = trainable,
            Frozen = [.. data.Select(input => input.Name).Except(batch).Except(trainable)],
            Loss = model.Graph.Outputs[0].Name,
            HasLabels = hasLabels,
        };
    }
}
