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

namespace TrainingHost.Runs;

/// <summary>One run of train: model, data, step graph, loop, and what it leaves behind.</summary>
internal sealed class TrainingJob
{
    private const int DefaultEpochs = 2;

    public required string Model { get; init; }

    public required string Data { get; init; }

    public required int? Epochs { get; init; }

    public required int? Steps { get; init; }

    public required int BatchSize { get; init; }

    /// <summary>Batches that make one step.</summary>
    public required int Accumulate { get; init; }

    public required string Schedule { get; init; }

    public required int Warmup { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Output { get; init; }

    /// <summary>The folder of a run to go on with; null for a new one.</summary>
    public required string? Resume { get; init; }

    public required TrActChoice TrAct { get; init; }

    /// <summary>What to make of a forward model.</summary>
    public required ForwardOptions Forward { get; init; }

    public required int Seed { get; init; }

    public required Device Device { get; init; }

    /// <summary>The optimizer and its learning rate, from the model's own.</summary>
    public required Func<OptimizerSettings, (OptimizerSettings Settings, float Rate)> Optimizer { get; init; }

    /// <exception cref="GraphRewriteException">The model, the data or the options do not go together.</exception>
    /// <exception cref="DivergedException">The loss is no longer finite.</exception>
    public void Run(CancellationToken cancellation)
    {
        Device.Check();
        TrainableModel model = TrainableModel.Open(Model, Forward);
        model.Apply(TrAct with { BatchSize = BatchSize });
        ModelData data = ModelData.Open(Data, model, Seed);
        (OptimizerSettings optimizer, float rate) = Optimizer(model.Optimizer);
        IReadOnlyDictionary<string, Tensor> initial = Resume is null ? model.Initial : StepInitials.From(Checkpoint.Read(Path.Combine(Resume, ArtifactFiles.Checkpoint)));

        var loader = new BatchLoader(data.Training, BatchPlan.Training(BatchSize, Seed));
        int steps = Steps ?? ((Epochs ?? DefaultEpochs) * TrainingLoop.StepsPerEpoch(loader, Accumulate));
        var plan = new TrainingPlan(LearningRateSchedule.Parse(Schedule, rate, steps, Warmup), steps, Accumulate);
        int done = initial.TryGetValue(StepGraph.Step, out Tensor? step) && Resume is not null ? (int)step.Span<long>()[0] : 0;

        IAnsiConsole console = AnsiConsole.Console;
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = int.MaxValue; // a file or a pipe has no width to wrap at
        foreach (string line in Describe(model, data, optimizer, rate, steps, loader)) console.WriteLine(line);
        StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new() { Optimizer = optimizer, Target = Device.Target, BatchSize = loader.BatchSize, Accumulate = Accumulate, Seed = Seed, StepsBefore = done });
        using var session = new StepSession(graph, initial, Device) { Lambda = model.Lambda ?? 0 };
        using var evaluator = data.Test is null ? null : new Evaluator(model, graph.BatchInputs, new(data.Test, BatchPlan.Evaluation(BatchSize)), Device);
        using var metrics = MetricsLog.Open(RunFolder.MetricsPath(Output), done);

        EpochReport last = new ConsoleProgress(console).Run("Training", progress => new TrainingLoop(session, loader, evaluator, plan).Run(done, progress, metrics, cancellation));
        RunFolder.Write(Output, model, session, rate);
        console.WriteLine(Result(last));
        console.WriteLine($"Written to {Output}: {string.Join(", ", RunFolder.Files)}.");
    }

    private IEnumerable<string> Describe(TrainableModel model, ModelData data, OptimizerSettings optimizer, float rate, int steps, BatchLoader loader)
    {
        foreach (Finding warning in model.Warnings) yield return $"warning: {OptionNames.Describe(warning)}";
        if (model.Rewrite is { } rewrite) yield return rewrite.Describe(OptionNames.Of).TrimEnd();
        else if (model.Lambda is { } lambda) yield return string.Create(CultureInfo.InvariantCulture, $"TrAct is in the artifacts already; λ = {lambda}.");
        else yield return "Without TrAct.";
        foreach (string note in data.Notes) yield return note;
        yield return string.Create(CultureInfo.InvariantCulture, $"{Model} on {data.Training.Name}: {data.Training.Count:N0} examples, {data.Test?.Count ?? 0:N0} to test on; batch {loader.BatchSize}{(Accumulate > 1 ? $" × {Accumulate}" : "")}, {steps:N0} steps, {optimizer.Name}, learning rate {rate} ({Schedule}).");
    }

    private static string Result(EpochReport last) => last switch
    {
        { TestAccuracy: { } accuracy, TestLoss: { } loss } => string.Create(CultureInfo.InvariantCulture, $"Test accuracy {accuracy:P2}, test loss {loss:F4}, after {last.Elapsed.TotalSeconds:F1} s."),
        { TestLoss: { } loss } => string.Create(CultureInfo.InvariantCulture, $"Test loss {loss:F4}, after {last.Elapsed.TotalSeconds:F1} s."),
        _ => string.Create(CultureInfo.InvariantCulture, $"Training loss {last.Loss:F4}, after {last.Elapsed.TotalSeconds:F1} s."),
    };
}
