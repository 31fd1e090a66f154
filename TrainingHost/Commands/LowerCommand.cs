using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;

namespace TrainingHost.Commands;

/// <summary>lower: artifacts → the step graph for a stock runtime, and beside it its initial values.</summary>
internal static class LowerCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> folder = CommonOptions.Model();
        Option<string> output = CommonOptions.Output("The step graph; its initial values go beside it as NAME.init.onnx.");
        Option<string> device = CommonOptions.DeviceName();
        var batchSize = new Option<long?>("--batch-size") { Description = "Examples in a batch (default: any)." };
        var seed = new Option<int?>("--seed") { Description = "Of Dropout and random operators (default: each session draws other numbers)." };
        var optimizer = new OptimizerOptions();
        var command = new Command("lower", "Makes the step graph that any ONNX Runtime runs.") { folder, output, device, batchSize, seed };
        optimizer.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            if (parsed.GetValue(batchSize) is < 1) throw new GraphRewriteException($"--batch-size {parsed.GetValue(batchSize)}: must be at least 1.");
            TrainingArtifacts artifacts = TrainingArtifacts.Read(CommonOptions.ToModelPath(parsed.GetValue(folder)!));
            (OptimizerSettings settings, float rate) = optimizer.Resolve(parsed, artifacts.Optimizer);
            OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!);
            Tensor? lambda = artifacts.Training.Graph.Find(TrActNames.Lambda)?.Initializer;
            StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new()
            {
                Optimizer = settings,
                Target = new() { Device = CommonOptions.ToKind(parsed.GetValue(device)!) },
                BatchSize = parsed.GetValue(batchSize),
                Seed = parsed.GetValue(seed),
            });
            OnnxWriter.Write(graph.Model, path);
            TensorFile.Write(Path.ChangeExtension(path, ".init.onnx"), graph.InitialValues(initial, rate, lambda));
            writer.WriteLine($"{path}: {graph.Model.Graph.Nodes.Count} nodes, {graph.Model.Graph.Inputs.Count} inputs, {graph.Model.Graph.Outputs.Count} outputs; initial values in {Path.ChangeExtension(path, ".init.onnx")}.");
            return CommandLine.Done;
        });
        return command;
    }
}
