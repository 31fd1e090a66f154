using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Losses;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using Spectre.Console;
using TrainingHost.Data;
using TrainingHost.Data.Augmentations;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>
/// One run of train: model, data, step graph, loop, and what it leaves behind. A new run first writes the artifacts that it trains into its folder
/// and trains those: a resumed run, and one whose model is gone meanwhile, has the same.
/// </summary>
/// <param name="settings">What to train, on what, and how.</param>
/// <param name="output">Where it tells how it goes.</param>
/// <param name="interruption">Signals.</param>
internal sealed class TrainingJob(TrainSettings settings, VerbOutput output, Interruption interruption)
{
    private readonly IAnsiConsole console = OutputConsole.Over(output);

    /// <summary>The part of a run that is lost waiting for examples, from which on it is said.</summary>
    private const double WorthSaying = 0.05;

    /// <exception cref="GraphRewriteException">The model, the data or the options do not go together.</exception>
    /// <exception cref="DivergedException">Something is no longer finite.</exception>
    /// <exception cref="InterruptedException">A signal came; all is saved.</exception>
    public void Run()
    {
        Device device = ChosenDevice.Open(settings.Device);
        device.Check();
        if (settings.Resume is { } path) Resume(RunFolder.Existing(path), device);
        else Begin(device);
    }

    private void Begin(Device device)
    {
        (RunFolder folder, TrainableModel model, RunLock taken, ReplacedFiles? replaced) = Prepare();
        using (taken)
        using (replaced)
        {
            RunMemory.Collect();
            Train(folder, model, device, RunModel.Of(settings.Model), replaced: replaced);
        }
    }

    /// <summary>A method of its own: what the artifacts are made of is garbage when it returns, and may be as large as they are.</summary>
    private (RunFolder Folder, TrainableModel Model, RunLock Taken, ReplacedFiles? Replaced) Prepare()
    {
        ForwardOptions forward = settings.Forward.For(settings.Model, settings.Seed);
        // Mixed examples have a part of each of two labels.
        if (AugmentationText.Parse(settings.Data.Augment)?.Mixing is not null && forward.Loss is CrossEntropyLoss entropy)
            forward = forward with { Loss = entropy with { SoftTargets = true } };
        var given = TrainableModel.Open(settings.Model, forward.ElseSizes(inputs => DataSizes.Of(settings.Data, inputs), Say));
        RunFolder folder = RunFolder.New(settings.Output, settings.RunsFolder, settings.Overwrite);
        var taken = RunLock.Take(folder.Root);
        ReplacedFiles? replaced = null;
        try
        {
            folder.Clean();
            if (settings.Overwrite) replaced = folder.PutAside();
            given.WriteTo(folder.Root);
            return (folder, given.ReadFrom(folder.Root), taken, replaced);
        }
        catch
        {
            using (taken) replaced?.Dispose();
            throw;
        }
    }

    private void Say(IReadOnlyList<KeyValuePair<string, long>> sizes) => console.WriteLine(
        $"The model leaves {string.Join(", ", sizes.Select(pair => $"{pair.Key} = {pair.Value}"))} open: as the data is (--size).");

    private void Resume(RunFolder folder, Device device)
    {
        using var taken = RunLock.Take(folder.Root);
        folder.Clean();
        RunSettings before = RunSettings.Read(folder.Settings);
        if (settings.GivenModel is { } given && RunModel.Of(given) is { } now && now.Sha256 != before.Model.Sha256)
        {
            throw new GraphRewriteException(
                $"--model {given}: the run in {folder.Root} trains another model ({before.Model.Path}). Leave --model out.");
        }
        var model = TrainableModel.Open(folder.Root, new() { Seed = settings.Seed });
        Train(folder, model, device, before.Model, before);
    }

    private void Train(
        RunFolder folder, TrainableModel model, Device device, RunModel origin, RunSettings? before = null, ReplacedFiles? replaced = null)
    {
        var batch = ChosenBatch.Of(model, settings.BatchSize);
        model.Apply(settings.TrAct, batch.Size);
        Preprocessing? known = before is null ? null : DeployedModel.PreprocessingOf(folder.Root);
        var data = ModelData.Open(settings.Data, model, settings.Seed, known, console.WriteLine);
        var now = new RunData(data.Training.Name, data.Fingerprint);
        if (before?.Data is { } old && old != now)
        {
            throw new GraphRewriteException(
                $"--resume {folder.Root}: the data is no longer that of the run ({old.Name}): other examples or labels. "
                + "Give it back, or train anew.");
        }
        DeployedModel.Keep(data.Preprocessing, folder.Root);
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(model.Optimizer);
        long began = before?.StepsBefore ?? Step(model);
        int done = checked((int)(Step(model) - began));
        RunHistory history = RunHistory.Read(folder.Metrics, done);

        int workers = settings.Data.Workers ?? Environment.ProcessorCount;
        BatchPlan batches = BatchPlan.Training(batch.Size, settings.Seed, AugmentationText.Parse(settings.Data.Augment));
        var loader = new BatchLoader(data.Training, batches with { Workers = workers });
        int steps = settings.StepsInAll(TrainingLoop.StepsOfEpoch(loader, settings.Accumulate));
        if (history.End is { } end && done >= steps)
        {
            string result = RunResults.Result(history, end);
            output.Json(() => Summary(folder, history, end));
            output.Result($"{folder.Root}: the run is complete ({done} steps). {result} For more, give --epochs or --steps.");
            return;
        }
        history.Reopen();
        var schedule = LearningRateSchedule.Parse(settings.Schedule, rate, steps, settings.Warmup);
        string[] description = [.. Describe(model, data, optimizer, rate, steps, loader.BatchSize)];
        foreach (string line in batch.Notes(data.Training).Concat(description)) console.WriteLine(line);
        if (before is not null) console.WriteLine(GoesOn(folder, history, schedule, done, steps));

        StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new()
        {
            Optimizer = optimizer,
            Target = device.Target,
            BatchSize = loader.BatchSize,
            Accumulate = settings.Accumulate,
            Seed = settings.Seed,
            RunsBefore = (long)done * settings.Accumulate,
            ChecksTrAct = true,
            AverageDecay = settings.Ema,
            KeepsTaps = true,
        });
        if (StepInitials.SizeOf(graph, model.Checkpoint) is { } size && size.Total > CheckpointSize.Limit)
        {
            output.Warn($"A checkpoint of this run takes {size}: more than the 2 GiB of ONNX Runtime Training's format. "
                + "It is written as safetensors, which this program reads.");
        }
        var record = new RunSettings
        {
            Options = settings.Options,
            Resolved = Resolved(model, optimizer, rate, steps, loader),
            Model = origin,
            Data = now,
            StepsBefore = began,
            Place = before?.Place ?? RunPlace.Here,
        };
        using StepSession session = RunMemory.Open(graph, model, device);
        (IDataset? heldOut, string set) = data.Validation is { } validation
            ? (validation, HeldOutReport.Validation) : (data.Test, HeldOutReport.Test);
        using Evaluator? evaluator = heldOut is null ? null
            : new(model, graph.BatchInputs, set, new(heldOut, batch.Evaluation(workers)), device);
        record.Write(folder.Settings);
        replaced?.Dispose(); // the new run has begun
        using var log = new RunLog(
            history,
            MetricsLog.Open(folder.Root, history, new JsonLines(), new CsvMetrics(), new TensorBoardEvents(record.Place.Started)),
            output.Warn);
        var checkpoints = new Checkpoints(folder, model, session, rate, settings.Checkpoints, done);
        var plan = new TrainingPlan(schedule, steps, settings.Accumulate, settings.Patience) { IgnoredLabel = model.IgnoredLabel };
        var loop = new TrainingLoop(session, loader, evaluator, plan, checkpoints, log, device);
        interruption.HasWork();
        try
        {
            done = new ConsoleProgress(console).Run("Training", progress => loop.Run(done, progress, interruption.Token));
            session.Dispose(); // what follows has its memory
            if (loader.Waited > WorthSaying * loop.Elapsed)
            {
                string waited = Invariant($"{loader.Waited.TotalSeconds:F1} of {loop.Elapsed.TotalSeconds:F1} s");
                console.WriteLine($"Steps waited {waited} for their examples ({workers} workers); less --augment or more --workers would help.");
            }
            using Evaluator? last = data.Validation is null || data.Test is null ? null
                : new(model, graph.BatchInputs, HeldOutReport.Test, new(data.Test, batch.Evaluation(workers)), device);
            RunWeights tested = RunWeights.Of(folder.Root, asked: null)!;
            FinalScores scores = Score(tested, model, data, last ?? evaluator, done);
            var ended = new EndReport(done, log.History.Best?.Step ?? done, scores.Result, loop.Elapsed);
            Finish(folder, new(folder, record, model, data.Preprocessing), log, tested, scores, ended, description);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            throw new InterruptedException(checkpoints.Saved, steps, folder.Root, interruption.ExitCode);
        }
    }

    /// <summary>The test set, scored once, with the weights that the validation set chose; without one, those of the last step.</summary>
    private FinalScores Score(RunWeights tested, TrainableModel model, ModelData data, Evaluator? evaluator, int done)
    {
        bool areClasses = (data.Test ?? data.Validation)?.Labels is { Type: ElementType.Int64, Length: 1 };
        var scores = new FinalScores(areClasses ? model.Classes : null, data.ClassNames, data.Preprocessing) { Result = null };
        if (evaluator is null) return scores;
        Checkpoint chosen = tested.Chosen.For(model.Training);
        Dictionary<string, Tensor> weights = chosen.Trainable.Concat(chosen.Frozen).ToDictionary();
        HeldOutReport result = new ConsoleProgress(console).Run("Testing", progress => evaluator.Run(
            name => weights[name], done, progress, interruption.Token, (batch, logits, _) => scores.See(batch, logits)));
        if (result.Set == HeldOutReport.Test) scores.Result = result;
        return scores;
    }

    /// <summary>The models, the plots, the report; then the row that says the run is complete.</summary>
    private void Finish(
        RunFolder folder, RunResults results, RunLog log, RunWeights tested, FinalScores scores, EndReport end, IReadOnlyList<string> description)
    {
        results.Write(tested, log.History, end, scores, description);
        log.Add(end);
        log.Check(folder.Root);
        output.Json(() => Summary(folder, log.History, end));
        output.Result(RunResults.Result(log.History, end));
        string[] written =
            [ArtifactFiles.Checkpoint, RunFolder.ModelFile, CsvMetrics.FileName, RunFolder.ReportFile, $"{RunFolder.PlotsFolder}/"];
        output.Result($"Written to {folder.Root}: {string.Join(", ", written)}.");
    }

    /// <summary>What --json prints.</summary>
    private static object Summary(RunFolder folder, RunHistory history, EndReport end) => new
    {
        run = folder.Root,
        steps = end.Step,
        weights_of = end.WeightsOf,
        seconds = end.Elapsed.TotalSeconds,
        last = history.Epochs.LastOrDefault(),
        end.Test,
    };

    /// <summary>Steps that a checkpoint has behind it.</summary>
    private static long Step(TrainableModel model) => model.Checkpoint.OptimizerGroups is [var group, ..] ? group.Step : 0;

    private IEnumerable<string> Describe(
        TrainableModel model, ModelData data, OptimizerSettings optimizer, float rate, int steps, int batchSize)
    {
        foreach (Finding warning in model.Warnings) yield return $"warning: {OptionNames.Describe(warning)}";
        if (model.Rewrite is { } rewrite) yield return rewrite.Describe(OptionNames.Of).TrimEnd();
        else if (model.Lambda is { } lambda) yield return Invariant($"TrAct is in the artifacts already; λ = {lambda}.");
        else yield return "Without TrAct.";
        foreach (string note in data.Notes) yield return note;

        string examples = Invariant($"{data.Training.Count:N0} examples");
        if (data.Validation is { } validation) examples += Invariant($", {validation.Count:N0} to validate on");
        if (data.Test is { } test) examples += Invariant($", {test.Count:N0} to test on");
        string batch = settings.Accumulate > 1 ? $"{batchSize} × {settings.Accumulate}" : $"{batchSize}";
        string update = Invariant($"{optimizer.Name}, learning rate {rate} ({settings.Schedule})");
        if (settings.Ema is { } decay) update += Invariant($", weights averaged with decay {decay}");
        yield return Invariant($"{settings.Model} on {data.Training.Name}: {examples}; batch {batch}, {steps:N0} steps, {update}.");
    }

    /// <summary>Where a resumed run goes on, and how the learning rate does.</summary>
    private static string GoesOn(RunFolder folder, RunHistory history, LearningRateSchedule schedule, int done, int steps)
    {
        double next = schedule.At(done);
        string rate = history.Steps.LastOrDefault() is { } last && Math.Abs(next - last.LearningRate) > 0.1 * last.LearningRate
            ? Invariant($"; the learning rate goes on at {next:g3}, from {last.LearningRate:g3}")
            : "";
        return Invariant($"Goes on in {folder.Root} after {done:N0} of {steps:N0} steps{rate}.");
    }

    private OrderedDictionary<string, string> Resolved(
        TrainableModel model, OptimizerSettings optimizer, float rate, int steps, BatchLoader loader) =>
        new()
        {
            ["optimizer"] = $"{optimizer}",
            ["learning rate"] = Invariant($"{rate}"),
            ["schedule"] = settings.Schedule,
            ["steps"] = Invariant($"{steps}"),
            ["batch"] = Invariant($"{loader.BatchSize}"),
            ["TrAct"] = model.Lambda is { } lambda ? Invariant($"λ = {lambda}") : "off",
            ["seed"] = Invariant($"{settings.Seed}"),
        };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
