using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using GraphRewrite.Rules;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.Forward;

/// <summary>
/// A forward model → training artifacts, as onnxruntime.training.artifacts.generate_artifacts made them: forward, loss and gradients in ONNX Runtime
/// Training's dialect; forward and loss in evaluation mode; the parameters' values.
/// </summary>
public static class ForwardArtifacts
{
    /// <summary>Makes the artifacts of a forward model; nothing is written.</summary>
    /// <param name="path">The forward .onnx.</param>
    /// <param name="options">Loss, what to freeze, BatchNormalization's mode.</param>
    /// <exception cref="GraphRewriteException">The model cannot be differentiated: everything that stands in the way, in one message.</exception>
    public static TrainingArtifacts Build(string path, ForwardOptions options) => Stages.In(path, () => Make(path, options));

    private static TrainingArtifacts Make(string path, ForwardOptions options)
    {
        Model read = OnnxReader.Read(path);
        IReadOnlyList<Finding> damage = ExportDamage.Find(read.Graph);
        Model training = InlineFunctions.Of(read);
        options.Operators.DeclareShapes(training.Graph);
        Finding? batchAxis = FreeBatchAxis.Apply(training.Graph, UserInputs(training.Graph, options));
        Finding? widened = HalfPrecision.Widen(training);
        Model evaluation = training.Clone();
        Checkpoint checkpoint = Parameters(training.Graph, options);
        RefuseOtherTypes(checkpoint);
        BoundSizes.Apply(training.Graph, checkpoint, options);
        IReadOnlyList<TrainedOutput> outputs = PredictionOutput.Of(training.Graph, options.Outputs);
        Finding? note = PredictionOutput.Note(training.Graph, outputs, options.Outputs.Count > 0);

        Action<Graph> normalize = graph => ForwardNormalForm.Apply(graph, options.BatchNorm, trainsDropout: true);
        ForwardAndLoss whole = ForwardAndLoss.Append(training, checkpoint, outputs, options, normalize);
        ForwardAndLoss.Append(evaluation, checkpoint, outputs, options, EvaluationNormalForm.Apply);
        FreezeUnreached(checkpoint, AddGradients(training.Graph, checkpoint, whole.Loss, options.Operators));
        training.IrVersion = evaluation.IrVersion = Math.Max(training.IrVersion, 10);
        return new()
        {
            Folder = path,
            Training = new()
            {
                Model = training,
                BatchInputs = whole.BatchInputs,
                HasLabels = whole.HasLabels,
                Trainable = [.. checkpoint.Trainable.Keys],
                Frozen = [.. checkpoint.Frozen.Keys],
                Loss = whole.Loss,
            },
            Evaluation = evaluation,
            Optimizer = options.Optimizer,
            Checkpoint = checkpoint,
            Prediction = whole.Prediction,
            Warnings = [.. damage, .. new[] { widened, note, batchAxis }.OfType<Finding>()],
        };
    }

    private static string[] UserInputs(Graph graph, ForwardOptions options)
    {
        IReadOnlyList<string> weights = ForwardParameters.Find(graph, options.Operators).WithoutValue;
        return [.. graph.Inputs.Where(input => !input.IsInitializer).Select(input => input.Name).Except(weights)];
    }

    /// <summary>
    /// The parameters with their values, in the model's order; what is frozen on purpose, and running statistics, among the frozen ones.
    /// </summary>
    private static Checkpoint Parameters(Graph graph, ForwardOptions options)
    {
        ForwardParameters found = ForwardParameters.Find(graph, options.Operators);
        var checkpoint = new Checkpoint();
        var frozen = new GlobSet(Setting.Freeze, options.Freeze);
        if (found.WithoutValue.Count > 0) ShapeInference.Apply(graph);
        IReadOnlyDictionary<string, Tensor> made = ParameterInitialization.For(graph, found.WithoutValue, options.Seed);
        foreach (string name in found.Parameters.Concat(found.Statistics))
        {
            Tensor tensor = graph.Get(name).Initializer ?? made.GetValueOrDefault(name)
                ?? throw graph.Refuse($"its weight '{name}' is stored in a form that is not trained (sparse)", "Store it dense");
            bool stays = frozen.Matches(name) || found.Statistics.Contains(name);
            (stays ? checkpoint.Frozen : checkpoint.Trainable)[name] = tensor;
        }
        frozen.RefuseUnmatched(found.Parameters);
        if (checkpoint.Trainable.Count == 0)
        {
            Phrase why = found.Parameters.Count == 0 ? "it stores no floating-point weights" : (Phrase)$"{Setting.Freeze} takes all of them";
            throw graph.Refuse($"the model has no parameter to train: {why}");
        }
        return checkpoint;
    }

    /// <summary>Updates and gradients are computed in Float.</summary>
    private static void RefuseOtherTypes(Checkpoint checkpoint)
    {
        IEnumerable<KeyValuePair<string, Tensor>> other = checkpoint.Trainable.Where(pair => pair.Value.Type != ElementType.Float);
        string[] others = [.. other.Select(pair => $"{pair.Key} ({pair.Value.Type})")];
        if (others.Length == 0) return;
        throw new GraphRewriteException(new Finding(
            $"{NameList.Of(others, "parameter")}; training is in Float",
            $"Export the model in float32 (model.float()) or in half precision, or freeze them ({Setting.Freeze})"));
    }

    /// <summary>Gradients of all trainable parameters, with ONNX Runtime Training's accumulators. Returns the parameters that got one.</summary>
    private static HashSet<string> AddGradients(Graph graph, Checkpoint checkpoint, string loss, CustomOperators operators)
    {
        string[] wanted = [.. checkpoint.Trainable.Keys.Where(name => graph.Find(name) is not null)], reached = [];
        Pipeline passes = new("training graph", requires: [Sorted, OneOpset, NoBernoulli],
        [
            // pass, requires, ensures, breaks
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("ReverseMode", [Sorted, Typed, Shaped, OneOpset, NoBernoulli], [], Differentiate),
            new Pass("AddAccumulators", [], [], graph => GradientAccumulators.Add(graph, reached)),
            new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
        ]);
        passes.Apply(graph);
        return [.. reached];

        void Differentiate(Graph graph)
        {
            Value[] parameters = [.. wanted.Select(graph.Get)];
            IReadOnlyDictionary<Value, Value> gradients = ReverseMode.AppendGradients(graph, graph.Get(loss), parameters, operators: operators);
            reached = [.. wanted.Where(name => gradients.ContainsKey(graph.Get(name)))];
        }
    }

    /// <summary>A parameter that the loss does not depend on is not trained.</summary>
    private static void FreezeUnreached(Checkpoint checkpoint, HashSet<string> reached)
    {
        foreach (string name in checkpoint.Trainable.Keys.Where(name => !reached.Contains(name)).ToArray())
        {
            checkpoint.Frozen[name] = checkpoint.Trainable[name];
            checkpoint.Trainable.Remove(name);
        }
    }
}
