using System.CommandLine;
using GraphRewrite.Diagnostics;
using TrainingHost.Data;
using TrainingHost.Runs;

namespace TrainingHost.Commands;

/// <summary>train: the main job, and the verb where none is given.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "A folder of training artifacts, or the name of one in models/.", Required = true };
        var data = new Option<string>("--data") { Description = "fashion-mnist (embedded), synthetic, or a folder of idx files.", DefaultValueFactory = _ => FashionMnist.Name };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the data (2)." };
        var steps = new Option<int?>("--steps") { Description = "Steps in all, instead of epochs." };
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", DefaultValueFactory = _ => 64 };
        var accumulate = new Option<int>("--accumulate") { Description = "Batches whose gradients make one step, as one batch that many times as large would (TrAct and BatchNormalization see each by itself).", DefaultValueFactory = _ => 1 };
        var schedule = new Option<string>("--schedule") { Description = "constant, linear, cosine, poly[:e], step[:S[,γ]] or one-cycle.", DefaultValueFactory = _ => "cosine" };
        var warmup = new Option<int>("--warmup") { Description = "Steps over which the learning rate rises." };
        var output = new Option<string?>("--output", "-o") { Description = "The folder for checkpoint, model.onnx and metrics.csv (runs/MODEL)." };
        var resume = new Option<string?>("--resume") { Description = "A folder that train wrote: goes on where it stopped. Dropout and random operators go on with numbers drawn anew (by --seed and the step), so that such a run is not bit for bit the one that was not interrupted." };
        Option<double?> lambda = CommonOptions.Lambda();
        Option<string[]> layer = CommonOptions.Layer();
        Option<bool> noTrAct = CommonOptions.NoTrAct();
        Option<int> seed = CommonOptions.Seed();
        Option<string> device = CommonOptions.DeviceName();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> library = CommonOptions.OrtLibrary();
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new Command("train", "Trains a model, with TrAct in its first layer.")
        {
            model, data, epochs, steps, batchSize, accumulate, schedule, warmup, output, resume, lambda, layer, noTrAct, seed, device, threads, library,
        };
        optimizer.AddTo(command);
        forward.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            string path = CommonOptions.ToModelPath(parsed.GetValue(model)!);
            var job = new TrainingJob
            {
                Model = path,
                Data = parsed.GetValue(data)!,
                Epochs = AtLeastOne("--epochs", parsed.GetValue(epochs)),
                Steps = AtLeastOne("--steps", parsed.GetValue(steps)),
                BatchSize = AtLeastOne("--batch-size", parsed.GetValue(batchSize))!.Value,
                Accumulate = AtLeastOne("--accumulate", parsed.GetValue(accumulate))!.Value,
                Schedule = parsed.GetValue(schedule)!,
                Warmup = parsed.GetValue(warmup),
                Output = parsed.GetValue(output) ?? Path.Combine("runs", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))),
                Resume = parsed.GetValue(resume),
                TrAct = CommonOptions.ToTrAct(parsed.GetValue(noTrAct), parsed.GetValue(lambda), parsed.GetValue(layer)!),
                Forward = forward.Resolve(parsed, path, parsed.GetValue(seed)),
                Seed = parsed.GetValue(seed),
                Device = CommonOptions.ToDevice(parsed.GetValue(device)!, parsed.GetValue(threads), parsed.GetValue(library)),
                Optimizer = own => optimizer.Resolve(parsed, own),
            };
            job.Run(cancellation);
            return Task.FromResult(CommandLine.Done);
        });
        return command;
    }

    private static int? AtLeastOne(string option, int? value) =>
        value is < 1 ? throw new GraphRewriteException($"{option} {value}: must be at least 1.") : value;
}
