using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Settings;

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
        return command.Runs(Bind, settings => Run(settings, writer));

        LowerSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(folder)!),
            Output = parsed.GetValue(output)!,
            Device = CommonOptions.ToKind(parsed.GetValue(device)!),
            BatchSize = parsed.GetValue(batchSize),
            Seed = parsed.GetValue(seed),
            Optimizer = optimizer.Bind(parsed),
        };
    }

    private static int Run(LowerSettings settings, TextWriter writer)
    {
        var artifacts = TrainingArtifacts.Read(settings.Model);
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(artifacts.Optimizer);
        OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!);
        Tensor? lambda = artifacts.Training.Graph.Find(TrActNames.Lambda)?.Initializer;
        StepGraph step = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new()
        {
            Optimizer = optimizer,
            Target = new() { Device = settings.Device },
            BatchSize = settings.BatchSize,
            Seed = settings.Seed,
        });
        string initials = Path.ChangeExtension(settings.Output, ".init.onnx");
        OnnxWriter.Write(step.Model, settings.Output);
        TensorFile.Write(initials, step.InitialValues(initial, rate, lambda));
        Graph graph = step.Model.Graph;
        string size = $"{graph.Nodes.Count} nodes, {graph.Inputs.Count} inputs, {graph.Outputs.Count} outputs";
        writer.WriteLine($"{settings.Output}: {size}; initial values in {initials}.");
        return CommandLine.Done;
    }
}
