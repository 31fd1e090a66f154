using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;
using GraphRewrite.Training;

namespace TrainingHost.Commands;

/// <summary>inspect: what a model is, and what of it is supported.</summary>
internal static class InspectCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> folder = CommonOptions.Model();
        Option<string[]> layer = CommonOptions.Layer();
        var command = new Command("inspect", "Says what a model is: inputs, parameters, operators, first layer, what is supported and what is not.") { folder, layer };
        command.SetAction(parsed =>
        {
            TrainingArtifacts artifacts = TrainingArtifacts.Read(CommonOptions.ToModelPath(parsed.GetValue(folder)!), needsCheckpoint: false);
            foreach (string line in Describe(artifacts, parsed.GetValue(layer)!)) writer.WriteLine(line);
            return CommandLine.Done;
        });
        return command;
    }

    private static IEnumerable<string> Describe(TrainingArtifacts artifacts, string[] layers)
    {
        TrainingGraph training = artifacts.Training;
        Graph graph = training.Graph;
        yield return $"{artifacts.Folder}: training artifacts, opset {graph.OpsetOf(OpId.Onnx)}, {graph.Nodes.Count} nodes, made by {training.Model.ProducerName}";
        yield return $"checkpoint: {(artifacts.Checkpoint is { } checkpoint ? $"{checkpoint.Trainable.Count} trainable, {checkpoint.Frozen.Count} frozen, step {checkpoint.OptimizerGroups.FirstOrDefault()?.Step ?? 0}" : "none")}";
        yield return $"inputs: {string.Join("; ", training.UserInputs.Select(graph.Get))}; labels {graph.Get(training.Labels)}";
        yield return $"loss: {training.Loss}; logits: {graph.Get(artifacts.Logits)}";
        yield return $"optimizer: {artifacts.Optimizer}";
        yield return $"parameters: {training.Trainable.Count} trainable with {Elements(training.Trainable):N0} elements; {training.Frozen.Count} frozen with {Elements(training.Frozen):N0}";
        foreach (string name in training.Trainable) yield return $"  {graph.Get(name)}";
        foreach (string name in training.Frozen) yield return $"  {graph.Get(name)} (frozen)";
        yield return "operators:";
        foreach (IGrouping<OpId, Node> group in graph.Nodes.GroupBy(node => node.Op).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
            yield return $"  {group.Count(),5} {group.Key}";
        yield return FirstLayer(artifacts.Folder, training, layers);
        yield return Support(artifacts);

        long Elements(IEnumerable<string> names) => names.Sum(name => graph.Get(name).Shape is { IsStatic: true } shape ? shape.Size.Value : 0);
    }

    private static string FirstLayer(string folder, TrainingGraph training, string[] layers)
    {
        if (training.Model.MetadataOf("tract.layers") is { } rewritten) return $"TrAct: rewritten already, in {rewritten}";
        try
        {
            Model copy = OnnxReader.Read(Path.Combine(folder, TrainingArtifacts.TrainingFile));
            return $"TrAct would be: {TrActRewrite.Apply(copy, new() { Layers = layers, UserInputs = training.UserInputs, Trainable = training.Trainable })}".TrimEnd();
        }
        catch (GraphRewriteException e)
        {
            return $"TrAct: not possible: {e.Message}";
        }
    }

    /// <summary>Lowers for the CPU and says what the runtime would lack.</summary>
    private static string Support(TrainingArtifacts artifacts)
    {
        try
        {
            StepGraph step = StepGraphBuilder.Build(artifacts.Training, artifacts.Logits, new() { Optimizer = artifacts.Optimizer, Target = LoweringTarget.Cpu });
            return $"stock ONNX Runtime: supported, {step.Model.Graph.Nodes.Count} nodes after lowering";
        }
        catch (GraphRewriteException e)
        {
            return $"stock ONNX Runtime: not supported: {e.Message}";
        }
    }
}
