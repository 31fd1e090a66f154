using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>inspect: what a model is, and what of it is supported.</summary>
internal static class InspectCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = CommonOptions.Model();
        Option<string[]> layer = CommonOptions.Layer();
        var forward = new ForwardModelOptions();
        var command = new Command("inspect", "Says what a model is: inputs, parameters, operators, first layer, what is supported and what is not.")
        {
            model, layer,
        };
        forward.AddTo(command);
        return command.Runs(Bind, settings => Run(settings, writer));

        InspectSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            Layers = parsed.GetValue(layer)!,
            Forward = forward.Bind(parsed),
        };
    }

    private static int Run(InspectSettings settings, TextWriter writer)
    {
        string path = settings.Model;
        ForwardOptions options = settings.Forward.For(path, seed: 1);
        TrainingArtifacts artifacts = File.Exists(path) ? ForwardArtifacts.Build(path, options)
            : TrainingArtifacts.Read(path, needsCheckpoint: false);
        foreach (string line in Describe(artifacts, settings.Layers, Device.Open(ExecutionDevice.Cpu).Target)) writer.WriteLine(line);
        return CommandLine.Done;
    }

    private static IEnumerable<string> Describe(TrainingArtifacts artifacts, IReadOnlyList<string> layers, LoweringTarget target)
    {
        TrainingGraph training = artifacts.Training.Clone();
        Graph graph = training.Graph;
        ShapeInference.Apply(graph);
        string kind = File.Exists(artifacts.Folder) ? "forward model, as artifacts:" : "training artifacts,";
        string origin = $"opset {graph.OpsetOf(OpId.Onnx)}, {graph.Nodes.Count} nodes, made by {training.Model.ProducerName}";
        yield return $"{artifacts.Folder}: {kind} {origin}";
        foreach (Finding warning in artifacts.Warnings) yield return $"warning: {OptionNames.Describe(warning)}";
        yield return $"checkpoint: {Describe(artifacts.Checkpoint)}";
        yield return $"inputs: {string.Join("; ", training.UserInputs.Select(graph.Get))}; labels {graph.Get(training.Labels)}";
        yield return $"loss: {training.Loss}; logits: {graph.Get(artifacts.Prediction)}";
        yield return $"optimizer: {artifacts.Optimizer}";
        yield return $"parameters: {training.Trainable.Count} trainable with {Elements(training.Trainable):N0} elements; "
            + $"{training.Frozen.Count} frozen with {Elements(training.Frozen):N0}";
        foreach (string name in training.Trainable) yield return $"  {graph.Get(name)}";
        foreach (string name in training.Frozen) yield return $"  {graph.Get(name)} (frozen)";
        yield return "operators:";
        foreach (IGrouping<OpId, Node> group in graph.Nodes.GroupBy(node => node.Op).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
            yield return $"  {group.Count(),5} {group.Key}";
        yield return FirstLayer(artifacts.Training.Clone(), layers);
        yield return Support(training, artifacts, target);

        long Elements(IEnumerable<string> names) => names.Sum(name => graph.Get(name).Shape is { IsStatic: true } shape ? shape.Size.Value : 0);
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
    private static string Support(TrainingGraph training, TrainingArtifacts artifacts, LoweringTarget target)
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
