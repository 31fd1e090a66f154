using System.CommandLine;
using TrainingHost.Data;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>train: the main job, and the verb where none is given.</summary>
internal static class TrainCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        var data = new Option<string>("--data")
        {
            Description = "fashion-mnist (embedded), synthetic, or a folder of idx files.",
            DefaultValueFactory = _ => FashionMnist.Name,
        };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the data. [default: 2]" };
        var steps = new Option<int?>("--steps") { Description = "Steps in all, instead of epochs." };
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", DefaultValueFactory = _ => 64 };
        var accumulate = new Option<int>("--accumulate")
        {
            Description = "Batches whose gradients make one step, as one batch that many times as large would "
                + "(TrAct and BatchNormalization see each by itself).",
            DefaultValueFactory = _ => 1,
        };
        var schedule = new Option<string>("--schedule")
        {
            Description = "constant, linear, cosine, poly[:e], step[:S[,γ]] or one-cycle.",
            DefaultValueFactory = _ => "cosine",
        };
        var warmup = new Option<int>("--warmup") { Description = "Steps over which the learning rate rises." };
        var folder = new Option<string?>("--output", "-o")
        {
            Description = "The folder for checkpoint, model.onnx and metrics.csv. [default: runs/MODEL]",
        };
        var resume = new Option<string?>("--resume")
        {
            Description = "A folder that train wrote: goes on where it stopped. Dropout and random operators go on with numbers drawn anew "
                + "(by --seed and the step), so that such a run is not bit for bit the one that was not interrupted.",
        };
        var tract = new FirstLayerOptions();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions();
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("train", "Trains a model, with TrAct in its first layer.")
        {
            Examples =
            [
                new("train lenet", "Two passes over the embedded images."),
                new("train forward.onnx --data FOLDER --epochs 10 -o runs/first", "An export of your own on a folder of data."),
                new("train lenet --optimizer sgd --lr 0.02 --momentum 0.9 --no-tract", "SGD with momentum, without TrAct."),
            ],
        };
        model.AddTo(command);
        command.Add("Data", data, batchSize, accumulate);
        command.Add("Length and learning rate", epochs, steps, schedule, warmup);
        command.Add("Run", folder, resume);
        tract.AddTo(command);
        optimizer.AddTo(command);
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, (settings, cancellation) => Run(settings, output, cancellation));

        TrainSettings Bind(ParseResult parsed)
        {
            string path = model.Bind(parsed);
            return new()
            {
                Model = path,
                Data = parsed.GetValue(data)!,
                Epochs = parsed.GetValue(epochs),
                Steps = parsed.GetValue(steps),
                BatchSize = parsed.GetValue(batchSize),
                Accumulate = parsed.GetValue(accumulate),
                Schedule = parsed.GetValue(schedule)!,
                Warmup = parsed.GetValue(warmup),
                Output = parsed.GetValue(folder) ?? DefaultOutput(path),
                Resume = parsed.GetValue(resume),
                Seed = parsed.GetValue(seed),
                TrAct = tract.Bind(parsed),
                Forward = forward.Bind(parsed),
                Optimizer = optimizer.Bind(parsed),
                Device = device.Bind(parsed),
            };
        }
    }

    private static int Run(TrainSettings settings, VerbOutput output, CancellationToken cancellation)
    {
        new TrainingJob(settings, OutputConsole.Over(output)).Run(cancellation);
        return CommandLine.Done;
    }

    /// <summary>runs/MODEL.</summary>
    private static string DefaultOutput(string model) =>
        Path.Combine("runs", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))));
}
