using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;

namespace TrainingHost.Models;

/// <summary>A value of a graph, for a report.</summary>
internal sealed record InspectedValue(string Name, string Type, string Shape)
{
    public static InspectedValue Of(Value value) => new(value.Name, $"{value.Type}", value.Shape?.ToString() ?? "[…]");

    public override string ToString() => $"{Name}: {Type}{Shape}";
}

/// <summary>How often an operator stands in a graph.</summary>
internal sealed record OperatorCount(string Operator, int Nodes);

/// <summary>What a model is, and what of it is supported.</summary>
internal sealed record Inspection
{
    public required string Model { get; init; }

    /// <summary>A forward model, whose artifacts the rest is about, or training artifacts.</summary>
    public required bool IsForward { get; init; }

    /// <summary>The file's, before anything is raised.</summary>
    public required long Opset { get; init; }

    /// <summary>The training graph's.</summary>
    public required long TrainingOpset { get; init; }

    public required int Nodes { get; init; }

    public required string Producer { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required string Checkpoint { get; init; }

    public required IReadOnlyList<InspectedValue> Inputs { get; init; }

    public required InspectedValue Labels { get; init; }

    public required string Loss { get; init; }

    public required InspectedValue Logits { get; init; }

    public required string Optimizer { get; init; }

    public required IReadOnlyList<InspectedValue> Trainable { get; init; }

    public required IReadOnlyList<InspectedValue> Frozen { get; init; }

    public required long TrainableElements { get; init; }

    public required long FrozenElements { get; init; }

    public required IReadOnlyList<OperatorCount> Operators { get; init; }

    /// <summary>Where TrAct is, or would go, or why it cannot.</summary>
    public required string TrAct { get; init; }

    /// <summary>Whether a stock ONNX Runtime can train it, and how.</summary>
    public required string Support { get; init; }

    /// <param name="artifacts">The artifacts; they stay as they are.</param>
    /// <param name="layers">The layers that TrAct is asked into; empty: the first.</param>
    /// <param name="target">What a step graph would be made for.</param>
    public static Inspection Of(TrainingArtifacts artifacts, IReadOnlyList<string> layers, LoweringTarget target)
    {
        TrainingGraph training = artifacts.Training.Clone();
        Graph graph = training.Graph;
        ShapeInference.Apply(graph);
        return new()
        {
            Model = artifacts.Folder,
            IsForward = File.Exists(artifacts.Folder),
            Opset = OnnxReader.OpsetAsRead(training.Model) ?? graph.OpsetOf(OpId.Onnx),
            TrainingOpset = graph.OpsetOf(OpId.Onnx),
            Nodes = graph.Nodes.Count,
            Producer = training.Model.ProducerName,
            Warnings = [.. artifacts.Warnings.Select(OptionNames.Describe)],
            Checkpoint = Describe(artifacts.Checkpoint),
            Inputs = Values(training.UserInputs),
            Labels = InspectedValue.Of(graph.Get(training.Labels)),
            Loss = training.Loss,
            Logits = InspectedValue.Of(graph.Get(artifacts.Prediction)),
            Optimizer = $"{artifacts.Optimizer}",
            Trainable = Values(training.Trainable),
            Frozen = Values(training.Frozen),
            TrainableElements = Elements(training.Trainable),
            FrozenElements = Elements(training.Frozen),
            Operators = [.. graph.Nodes.GroupBy(node => $"{node.Op}").OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => new OperatorCount(group.Key, group.Count()))],
            TrAct = FirstLayer(artifacts.Training.Clone(), layers),
            Support = SupportOf(training, artifacts, target),
        };

        IReadOnlyList<InspectedValue> Values(IEnumerable<string> names) => [.. names.Select(name => InspectedValue.Of(graph.Get(name)))];

        long Elements(IEnumerable<string> names) => names.Sum(name => graph.Get(name).Shape is { IsStatic: true } shape ? shape.Size.Value : 0);
    }

    /// <summary>For people.</summary>
    public IEnumerable<string> Lines()
    {
        string raised = TrainingOpset == Opset ? "" : $" (opset {TrainingOpset})";
        yield return IsForward
            ? FormattableString.Invariant($"{Model}: forward model, opset {Opset}, made by {Producer}; its training graph{raised} has {Nodes} nodes")
            : FormattableString.Invariant($"{Model}: training artifacts, opset {Opset}, {Nodes} nodes, made by {Producer}");
        foreach (string warning in Warnings) yield return $"warning: {warning}";
        yield return $"checkpoint: {Checkpoint}";
        yield return $"inputs: {string.Join("; ", Inputs)}; labels {Labels}";
        yield return $"loss: {Loss}; logits: {Logits}";
        yield return $"optimizer: {Optimizer}";
        yield return FormattableString.Invariant($"parameters: {Trainable.Count} trainable with {TrainableElements:N0} elements; ")
            + FormattableString.Invariant($"{Frozen.Count} frozen with {FrozenElements:N0}");
        foreach (InspectedValue value in Trainable) yield return $"  {value}";
        foreach (InspectedValue value in Frozen) yield return $"  {value} (frozen)";
        yield return "operators:";
        foreach (OperatorCount count in Operators) yield return $"  {count.Nodes,5} {count.Operator}";
        yield return TrAct;
        yield return Support;
    }

    private static string Describe(Checkpoint? checkpoint) => checkpoint is null ? "none"
        : $"{checkpoint.Trainable.Count} trainable, {checkpoint.Frozen.Count} frozen, step {checkpoint.OptimizerGroups.FirstOrDefault()?.Step ?? 0}";

    /// <summary>Rewrites the graph it is given, to say what that did.</summary>
    private static string FirstLayer(TrainingGraph rewritten, IReadOnlyList<string> layers)
    {
        if (rewritten.Model.Metadata.GetValueOrDefault(TrActNames.Layers) is { } already) return $"TrAct: rewritten already, in {already}";
        try
        {
            var options = new TrActOptions { Layers = layers, UserInputs = rewritten.UserInputs, Trainable = rewritten.Trainable };
            return $"TrAct would be: {TrActRewrite.Apply(rewritten.Model, options).Describe(OptionNames.Of)}".TrimEnd();
        }
        catch (GraphRewriteException e)
        {
            return $"TrAct: not possible: {OptionNames.Describe(e.Finding with { Stage = null })}";
        }
    }

    /// <summary>Lowers and says what the runtime would lack.</summary>
    private static string SupportOf(TrainingGraph training, TrainingArtifacts artifacts, LoweringTarget target)
    {
        try
        {
            StepGraph step = StepGraphBuilder.Build(training, artifacts.Prediction, new() { Optimizer = artifacts.Optimizer, Target = target });
            string supported = $"stock ONNX Runtime: supported, {step.Model.Graph.Nodes.Count} nodes after lowering";
            if (step.Formulations.Count == 0) return supported;
            IEnumerable<string> counts = step.Formulations.GroupBy(choice => $"{choice.Part}={choice.Form}")
                .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
            return $"{supported}; formulations: {string.Join(", ", counts)} (bench names them layer by layer)";
        }
        catch (GraphRewriteException e)
        {
            return $"stock ONNX Runtime: not supported: {e.Describe(OptionNames.Of)}";
        }
    }
}
