using System.CommandLine;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;
using TrainingHost.Traces;

namespace TrainingHost.Commands;

/// <summary>trace: replays given batches and writes losses, gradients and parameters to hold against another implementation.</summary>
internal static class TraceCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        var batches = new Option<string>("--batches")
        {
            Description = "A model of initializers batchI/inputJ and batchI/labels.",
            HelpName = "path",
            Required = true,
        };
        Option<string> file = CommonOptions.Output("The trace: a model of initializers losses, eval_loss_after, grad/P, after/NAME.");
        Option<bool> json = CommonSwitches.Json();
        var tract = new FirstLayerOptions();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions(steps: true);
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("trace", "Replays given batches and writes losses, first gradients and parameters.")
        {
            Examples = [new("trace lenet --batches batches.onnx -o trace.onnx", "Numbers to hold against another implementation's.")],
        };
        model.AddTo(command);
        command.Add("Batches", batches);
        command.Add(CommonOptions.OutputHeading, file, json);
        tract.AddTo(command);
        optimizer.AddTo(command);
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        TraceSettings Bind(ParseResult parsed) => new()
        {
            Device = device.Bind(parsed),
            TrAct = tract.Bind(parsed),
            Model = model.Bind(parsed),
            Batches = parsed.GetValue(batches)!,
            Output = parsed.GetValue(file)!,
            Seed = parsed.GetValue(seed),
            Forward = forward.Bind(parsed),
            Optimizer = optimizer.Bind(parsed),
        };
    }

    private static int Run(TraceSettings settings, VerbOutput output)
    {
        Device device = ChosenDevice.Open(settings.Device);
        ForwardOptions forward = settings.Forward.For(settings.Model, settings.Seed);
        var model = TrainableModel.Open(settings.Model, forward.ElseSizes(inputs => BatchFile.Sizes(settings.Batches, inputs)));
        var batches = BatchFile.Read(settings.Batches, model.BatchInputs, model.Training.HasLabels);
        if (model.Classes is { } classes) batches.CheckLabels(model.Training.Labels, classes, model.IgnoredLabel);
        model.Apply(settings.TrAct, batches.BatchSize);
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(model.Optimizer);
        OrderedDictionary<string, Tensor> trace = Trace.Run(model, batches, optimizer, rate, settings.Seed, device);
        TensorFile.Write(settings.Output, trace);
        double[] all = trace["losses"].ToDouble();
        output.Json(() => new { Model = model.Path, settings.Output, Losses = all });
        string losses = string.Join(" ", all.Select(loss => FormattableString.Invariant($"{loss:g7}")));
        output.Result($"{model.Path}: {batches.Batches.Count} steps, losses {losses}; written to {settings.Output}.");
        return CommandLine.Done;
    }
}
