using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using GraphRewrite.TrAct;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>lower: artifacts → the step graph for a stock runtime, and beside it its initial values.</summary>
internal static class LowerCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        Option<string> file = CommonOptions.Output("The step graph; its initial values go beside it as NAME.init.onnx.");
        Option<ExecutionDevice> device = CommonOptions.DeviceName();
        var batchSize = new Option<long?>("--batch-size") { Description = "Examples in a batch. [default: any]", HelpName = "count" };
        var seed = new Option<int?>("--seed")
        {
            Description = "Of Dropout and random operators, and of parameters without values. [default: each session draws other numbers]",
            HelpName = "number",
        };
        Option<bool> json = CommonSwitches.Json();
        var forward = new ForwardModelOptions();
        var optimizer = new OptimizerOptions();
        var command = new VerbCommand("lower", "Makes the step graph that any ONNX Runtime runs.")
        {
            Examples = [new("lower resnet18 -o step.onnx", "step.onnx does one step; step.init.onnx has the values to begin with.")],
        };
        model.AddTo(command);
        command.Add(CommonOptions.OutputHeading, file, json);
        command.Add("Step graph", batchSize);
        optimizer.AddTo(command);
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        command.Add(CommonOptions.DeviceHeading, device);
        return command.Runs(output, Bind, settings => Run(settings, output));

        LowerSettings Bind(ParseResult parsed) => new()
        {
            Model = model.Bind(parsed),
            Output = parsed.GetValue(file)!,
            Device = parsed.GetValue(device),
            BatchSize = parsed.GetValue(batchSize),
            Seed = parsed.GetValue(seed),
            Optimizer = optimizer.Bind(parsed),
            Forward = forward.Bind(parsed),
        };
    }

    private static int Run(LowerSettings settings, VerbOutput output)
    {
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Model, settings.Forward.For(settings.Model, settings.Seed ?? 1));
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(artifacts.Optimizer);
        OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!, StepNames.Beside(artifacts.Training));
        Tensor? lambda = artifacts.Training.Graph.Find(TrActNames.Lambda)?.Initializer;
        StepGraph step = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new()
        {
            Optimizer = optimizer,
            Target = new() { Device = settings.Device },
            BatchSize = settings.BatchSize,
            Seed = settings.Seed,
        });
        using (var files = AtomicFiles.Beside(settings.Output))
        {
            OnnxWriter.WriteInto(files, step.Model, settings.Output);
            TensorFile.Write(settings.Initials, step.InitialValues(initial, rate, lambda), files);
            files.Commit();
        }
        Graph graph = step.Model.Graph;
        foreach (string warning in artifacts.Warnings.Select(OptionNames.Describe)) output.Warn(warning);
        (int nodes, int inputs, int outputs) = (graph.Nodes.Count, graph.Inputs.Count, graph.Outputs.Count);
        output.Json(() => new { settings.Model, settings.Output, settings.Initials, nodes, inputs, outputs, step.Formulations });
        string size = $"{nodes} nodes, {inputs} inputs, {outputs} outputs";
        output.Result($"{settings.Output}: {size}; initial values in {settings.Initials}.");
        return CommandLine.Done;
    }
}
