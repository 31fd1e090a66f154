using System.CommandLine;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>train: the main job, and the verb where none is given.</summary>
internal static class TrainCommand
{
    /// <summary>Options that say where a run is written, or what is said of it, not what it is.</summary>
    private static readonly HashSet<string> NotStored =
        ["--output", "--overwrite", "--resume", "--config", "--help", "--version", "--quiet", "--verbose", "--no-color", "--json"];

    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        var data = new DataOptions();
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
        var folder = new Option<string?>("--output", "-o") { Description = "The run's folder. [default: runs/MODEL/001, 002, …]", HelpName = "path" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces a run that --output holds." };
        var resume = new Option<string?>("--resume")
        {
            Description = "A run's folder: goes on there where it stopped. Model, data and options are the run's own; "
                + "epochs, steps, learning rate, schedule, checkpoints, device and threads may be given anew.",
            HelpName = "path",
        };
        var config = new Option<string?>("--config")
        {
            Description = "A settings.json: its options hold where none is given here.",
            HelpName = "path",
        };
        var every = new Option<string>("--checkpoint-every")
        {
            Description = "Saves after so many steps (500) or so much time (90s, 10m, 2h), beside the ends of epochs.",
            HelpName = "steps or time",
            DefaultValueFactory = _ => "10m",
        };
        var keep = new Option<int>("--keep")
        {
            Description = "Checkpoints to keep beside the last and the best one. [default: 0]",
            HelpName = "count",
        };
        var patience = new Option<int?>("--patience")
        {
            Description = "Ends after so many epochs without a better validation result.",
            HelpName = "count",
        };
        var ema = new Option<double?>("--ema")
        {
            Description = "Keeps a moving average of the weights with this decay (0.999): it is what is evaluated, tested and exported.",
            HelpName = "number",
        };
        var tract = new FirstLayerOptions();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions(steps: true);
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("train", "Trains a model, with TrAct in its first layer.")
        {
            Examples =
            [
                new("train lenet", "Two passes over the embedded images."),
                new("train forward.onnx --data FOLDER --epochs 10 -o runs/first", "An export of your own on a folder of data."),
                new("train --resume runs/first", "Goes on where a run stopped."),
                new("train lenet --optimizer sgd --lr 0.02 --momentum 0.9 --no-tract", "SGD with momentum, without TrAct."),
            ],
        };
        model.AddTo(command);
        data.AddTo(command);
        command.Add(DataOptions.Heading, batchSize, accumulate);
        command.Add("Length and learning rate", epochs, steps, schedule, warmup, patience);
        command.Add("Run", folder, overwrite, resume, config, every, keep, CommonSwitches.Json());
        tract.AddTo(command);
        optimizer.AddTo(command);
        command.Add(CommonOptions.OptimizerHeading, ema);
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        TrainSettings Bind(ParseResult given)
        {
            string? run = given.GetValue(resume), from = given.GetValue(config);
            ParseResult parsed = given;
            string path;
            if (run is not null)
            {
                RunSettings stored = RunSettings.Read(RunFolder.Existing(run).Settings);
                parsed = ResumedOptions.Complete(given, run, stored);
                path = stored.Model.Path;
            }
            else
            {
                string[] leftOut = model.IsGiven(given) ? ["model"] : [];
                if (from is not null) parsed = StoredOptions.Complete(given, RunSettings.Read(from).Options, from, leftOut);
                path = model.Bind(parsed);
            }
            var options = StoredOptions.Of(parsed, NotStored);
            options["model"] = [Path.GetFullPath(path)];
            if (Path.Exists(parsed.GetValue(data.Source))) options["data"] = [Path.GetFullPath(parsed.GetValue(data.Source)!)];
            return new()
            {
                Model = path,
                GivenModel = run is not null && model.IsGiven(given) ? model.Bind(given) : null,
                Data = data.Bind(parsed),
                Epochs = parsed.GetValue(epochs),
                Steps = parsed.GetValue(steps),
                BatchSize = parsed.GetValue(batchSize),
                Accumulate = parsed.GetValue(accumulate),
                Schedule = parsed.GetValue(schedule)!,
                Warmup = parsed.GetValue(warmup),
                Output = parsed.GetValue(folder),
                RunsFolder = RunsOf(path),
                Overwrite = parsed.GetValue(overwrite),
                Resume = run,
                Checkpoints = CheckpointPlan.Parse(parsed.GetValue(every)!, parsed.GetValue(keep)),
                Patience = parsed.GetValue(patience),
                Seed = parsed.GetValue(seed),
                TrAct = tract.Bind(parsed),
                Forward = run is null ? forward.Bind(parsed) : new(),
                Optimizer = optimizer.Bind(parsed),
                Ema = parsed.GetValue(ema),
                Device = device.Bind(parsed),
                Options = options,
            };
        }
    }

    private static int Run(TrainSettings settings, VerbOutput output)
    {
        using var interruption = Interruption.Listen(output.Errors);
        new TrainingJob(settings, output, interruption).Run();
        return CommandLine.Done;
    }

    /// <summary>runs/MODEL.</summary>
    private static string RunsOf(string model) =>
        Path.Combine("runs", Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))));
}
