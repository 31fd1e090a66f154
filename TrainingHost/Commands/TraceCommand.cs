using System.CommandLine;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Runtime;
using TrainingHost.Settings;
using TrainingHost.Traces;

namespace TrainingHost.Commands;

/// <summary>trace: replays given batches and writes losses, gradients and parameters to hold against another implementation.</summary>
internal static class TraceCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = CommonOptions.Model();
        var batches = new Option<string>("--batches") { Description = "A model of initializers batchI/inputJ and batchI/labels.", Required = true };
        Option<string> output = CommonOptions.Output("The trace: a model of initializers losses, eval_loss_after, grad/P, after/NAME.");
        var tract = new FirstLayerOptions();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions();
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new Command("trace", "Replays given batches and writes losses, first gradients and parameters.") { model, batches, output };
        tract.AddTo(command);
        command.Add(seed);
        device.AddTo(command);
        optimizer.AddTo(command);
        forward.AddTo(command);
        return command.Runs(Bind, settings => Run(settings, writer));

        TraceSettings Bind(ParseResult parsed) => new()
        {
            Device = device.Bind(parsed),
            TrAct = tract.Bind(parsed),
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            Batches = parsed.GetValue(batches)!,
            Output = parsed.GetValue(output)!,
            Seed = parsed.GetValue(seed),
            Forward = forward.Bind(parsed),
            Optimizer = optimizer.Bind(parsed),
        };
    }

    private static int Run(TraceSettings settings, TextWriter writer)
    {
        Device device = ChosenDevice.Open(settings.Device);
        var model = TrainableModel.Open(settings.Model, settings.Forward.For(settings.Model, settings.Seed));
        var batches = BatchFile.Read(settings.Batches, model.BatchInputs);
        if (model.Classes is { } classes) batches.CheckLabels(model.Training.Labels, classes);
        model.Apply(settings.TrAct, batches.BatchSize);
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(model.Optimizer);
        OrderedDictionary<string, Tensor> trace = Trace.Run(model, batches, optimizer, rate, settings.Seed, device);
        TensorFile.Write(settings.Output, trace);
        string losses = string.Join(" ", trace["losses"].ToDouble().Select(loss => FormattableString.Invariant($"{loss:g7}")));
        writer.WriteLine($"{model.Path}: {batches.Batches.Count} steps, losses {losses}; written to {settings.Output}.");
        return CommandLine.Done;
    }
}
