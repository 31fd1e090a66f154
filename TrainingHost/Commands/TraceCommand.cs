using System.CommandLine;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Runtime;
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
        Option<double?> lambda = CommonOptions.Lambda();
        Option<string[]> layer = CommonOptions.Layer();
        Option<bool> noTrAct = CommonOptions.NoTrAct();
        Option<string> device = CommonOptions.DeviceName();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> library = CommonOptions.OrtLibrary();
        Option<int> seed = CommonOptions.Seed();
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new Command("trace", "Replays given batches and writes losses, first gradients and parameters.") { model, batches, output, lambda, layer, noTrAct, seed, device, threads, library };
        optimizer.AddTo(command);
        forward.AddTo(command);
        command.SetAction(parsed =>
        {
            Device chosen = CommonOptions.ToDevice(parsed.GetValue(device)!, parsed.GetValue(threads), parsed.GetValue(library));
            TrActChoice tract = CommonOptions.ToTrAct(parsed.GetValue(noTrAct), parsed.GetValue(lambda), parsed.GetValue(layer)!);
            string path = CommonOptions.ToModelPath(parsed.GetValue(model)!);
            TrainableModel trainable = TrainableModel.Open(path, forward.Resolve(parsed, path, parsed.GetValue(seed)));
            BatchFile file = BatchFile.Read(parsed.GetValue(batches)!, trainable.BatchInputs);
            if (trainable.Classes is { } classes) file.CheckLabels(trainable.Training.Labels, classes);
            trainable.Apply(tract with { BatchSize = file.BatchSize });
            (OptimizerSettings settings, float rate) = optimizer.Resolve(parsed, trainable.Optimizer);
            OrderedDictionary<string, Tensor> trace = Trace.Run(trainable, file, settings, rate, parsed.GetValue(seed), chosen);
            TensorFile.Write(parsed.GetValue(output)!, trace);
            writer.WriteLine($"{trainable.Path}: {file.Batches.Count} steps, losses {string.Join(" ", trace["losses"].ToDouble().Select(loss => FormattableString.Invariant($"{loss:g7}")))}; written to {parsed.GetValue(output)}.");
            return CommandLine.Done;
        });
        return command;
    }
}
