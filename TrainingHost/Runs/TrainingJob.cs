using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using Spectre.Console;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>One run of train: model, data, step graph, loop, and what it leaves behind.</summary>
/// <param name="settings">What to train, on what, and how.</param>
/// <param name="console">Where it tells how it goes.</param>
internal sealed class TrainingJob(TrainSettings settings, IAnsiConsole console)
{
    /// <exception cref="GraphRewriteException">The model, the data or the options do not go together.</exception>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public void Run(CancellationToken cancellation)
    {
        ForwardOptions forward = settings.Forward.For(settings.Model, settings.Seed);
        Device device = ChosenDevice.Open(settings.Device);
        device.Check();
        var model = TrainableModel.Open(settings.Model, forward);
        model.Apply(settings.TrAct, settings.BatchSize);
        var data = ModelData.Open(settings.Data, model, settings.Seed);
        (OptimizerSettings optimizer, float rate) = settings.Optimizer.Over(model.Optimizer);
        IReadOnlyDictionary<string, Tensor> initial = Initial(model);
        int done = StepsDone(initial);

        var loader = new BatchLoader(data.Training, BatchPlan.Training(settings.BatchSize, settings.Seed));
        int steps = settings.StepsInAll(TrainingLoop.StepsPerEpoch(loader, settings.Accumulate));
        var schedule = LearningRateSchedule.Parse(settings.Schedule, rate, steps, settings.Warmup);
        foreach (string line in Describe(model, data, optimizer, rate, steps, loader.BatchSize)) console.WriteLine(line);

        StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new()
        {
            Optimizer = optimizer,
            Target = device.Target,
            BatchSize = loader.BatchSize,
            Accumulate = settings.Accumulate,
            Seed = settings.Seed,
            StepsBefore = done,
        });
        using var session = new StepSession(graph, initial, device) { Lambda = model.Lambda ?? 0 };
        using Evaluator? evaluator = data.Test is null ? null
            : new(model, graph.BatchInputs, new(data.Test, BatchPlan.Evaluation(settings.BatchSize)), device);
        using var metrics = MetricsLog.Open(RunFolder.MetricsPath(settings.Output), done);

        var loop = new TrainingLoop(session, loader, evaluator, new(schedule, steps, settings.Accumulate));
        EpochReport last = new ConsoleProgress(console).Run("Training", progress => loop.Run(done, progress, metrics, cancellation));
        RunFolder.Write(settings.Output, model, session, rate);
        console.WriteLine(Result(last));
        console.WriteLine($"Written to {settings.Output}: {string.Join(", ", RunFolder.Files)}.");
    }

    /// <summary>What training begins with: the model's own values, or those of the run to go on with.</summary>
    private IReadOnlyDictionary<string, Tensor> Initial(TrainableModel model) => settings.Resume is not { } run ? model.Initial
        : StepInitials.From(Checkpoint.Read(Path.Combine(run, ArtifactFiles.Checkpoint)));

    /// <summary>Steps that a resumed run has behind it.</summary>
    private int StepsDone(IReadOnlyDictionary<string, Tensor> initial) =>
        settings.Resume is not null && initial.TryGetValue(StepGraph.Step, out Tensor? step) ? (int)step.Span<long>()[0] : 0;

    private IEnumerable<string> Describe(
        TrainableModel model, ModelData data, OptimizerSettings optimizer, float rate, int steps, int batchSize)
    {
        foreach (Finding warning in model.Warnings) yield return $"warning: {OptionNames.Describe(warning)}";
        if (model.Rewrite is { } rewrite) yield return rewrite.Describe(OptionNames.Of).TrimEnd();
        else if (model.Lambda is { } lambda) yield return Invariant($"TrAct is in the artifacts already; λ = {lambda}.");
        else yield return "Without TrAct.";
        foreach (string note in data.Notes) yield return note;

        string examples = Invariant($"{data.Training.Count:N0} examples, {data.Test?.Count ?? 0:N0} to test on");
        string batch = settings.Accumulate > 1 ? $"{batchSize} × {settings.Accumulate}" : $"{batchSize}";
        string update = Invariant($"{optimizer.Name}, learning rate {rate} ({settings.Schedule})");
        yield return Invariant($"{settings.Model} on {data.Training.Name}: {examples}; batch {batch}, {steps:N0} steps, {update}.");
    }

    private static string Result(EpochReport last)
    {
        string elapsed = Invariant($"after {last.Elapsed.TotalSeconds:F1} s");
        return last switch
        {
            { TestAccuracy: { } accuracy, TestLoss: { } loss } => Invariant($"Test accuracy {accuracy:P2}, test loss {loss:F4}, {elapsed}."),
            { TestLoss: { } loss } => Invariant($"Test loss {loss:F4}, {elapsed}."),
            _ => Invariant($"Training loss {last.Loss:F4}, {elapsed}."),
        };
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
