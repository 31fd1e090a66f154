using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Passes;
using GraphRewrite.Training;
using TrainingHost.Runtime;
using TrainingHost.Training;

namespace TrainingHost.Benchmarks;

/// <summary>One way to run a batch: what is timed.</summary>
internal sealed record Contestant(string Name, Action Run, IDisposable Session) : IDisposable
{
    public void Dispose() => Session.Dispose();
}

/// <summary>Milliseconds of a contestant's runs.</summary>
internal sealed record Timing(string Name, double Median, double Lowest, double Highest, double StartUp);

/// <summary>
/// Times training steps with and without TrAct and the forward pass alone: in turn, so that a machine that slows down slows all of them.
/// </summary>
internal static class StepBenchmark
{
    /// <param name="model">A folder of artifacts or a forward .onnx; parameters are made up by the seed, for speed does not depend on them.</param>
    /// <param name="batchSize">Examples in a batch.</param>
    /// <param name="rounds">Timed runs of each.</param>
    /// <param name="optimizer">The optimizer, from the artifacts' own.</param>
    /// <param name="device">Where to run.</param>
    /// <param name="seed">Of parameters and batch.</param>
    public static IReadOnlyList<Timing> Run(string model, int batchSize, int rounds, Func<OptimizerSettings, OptimizerSettings> optimizer, Device device, int seed)
    {
        var contestants = new List<(Contestant Contestant, double StartUp)>
        {
            Timed(() => Step("plain", model, tract: false, batchSize, optimizer, device, seed)),
            Timed(() => Step("TrAct", model, tract: true, batchSize, optimizer, device, seed)),
            Timed(() => Forward(model, batchSize, device, seed)),
        };
        Dictionary<string, List<double>> times = contestants.ToDictionary(c => c.Contestant.Name, _ => new List<double>());
        for (int round = -1; round < rounds; round++)
        {
            foreach ((Contestant contestant, _) in contestants)
            {
                long start = Stopwatch.GetTimestamp();
                contestant.Run();
                if (round >= 0) times[contestant.Name].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
        foreach ((Contestant contestant, _) in contestants) contestant.Dispose();
        return [.. contestants.Select(c => Summary(c.Contestant.Name, times[c.Contestant.Name], c.StartUp))];
    }

    /// <summary>Kernel times of a training step by operator.</summary>
    public static IReadOnlyList<OperatorProfile> Profile(string model, bool tract, int batchSize, int rounds, Func<OptimizerSettings, OptimizerSettings> optimizer, Device device, int seed)
    {
        using var files = new TemporaryProfile();
        using Contestant step = Step("profiled", model, tract, batchSize, optimizer, device with { ProfilePrefix = files.Prefix }, seed);
        for (int round = 0; round < rounds; round++) step.Run();
        return OperatorProfile.Read(((StepSession)step.Session).EndProfiling(), rounds);
    }

    private sealed class TemporaryProfile : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tract-profile-");

        public string Prefix => Path.Combine(folder.FullName, "step");

        public void Dispose() => folder.Delete(recursive: true);
    }

    private static Timing Summary(string name, List<double> times, double startUp)
    {
        times.Sort();
        return new(name, times[times.Count / 2], times[0], times[^1], startUp);
    }

    /// <summary>Load, build, lower and the first run.</summary>
    private static (Contestant Contestant, double StartUp) Timed(Func<Contestant> make)
    {
        long start = Stopwatch.GetTimestamp();
        Contestant contestant = make();
        contestant.Run();
        return (contestant, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static Contestant Step(string name, string model, bool tract, int batchSize, Func<OptimizerSettings, OptimizerSettings> optimizer, Device device, int seed)
    {
        TrainingArtifacts artifacts = Open(model);
        (_, float? lambda) = new TrActChoice(!tract, null, []) { BatchSize = batchSize }.Apply(artifacts.Training, model);
        Dictionary<string, Tensor> initial = RandomTensors.Parameters(artifacts.Training, seed);
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(artifacts.Training, artifacts.Logits, batchSize, seed);
        StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Logits, new() { Optimizer = optimizer(artifacts.Optimizer), Target = device.Target, BatchSize = batchSize, Seed = seed });
        var session = new StepSession(graph, initial, device) { LearningRate = 1e-4f, Lambda = lambda ?? 0 };
        var feeds = new BatchFeeds(batch);
        return new(name, () => session.Step(feeds.Values).Dispose(), session);
    }

    private static TrainingArtifacts Open(string model)
    {
        TrainingArtifacts artifacts = File.Exists(model) ? ForwardArtifacts.Build(model, new()) : TrainingArtifacts.Read(model, needsCheckpoint: false);
        ShapeInference.Apply(artifacts.Training.Graph);
        return artifacts;
    }

    private static Contestant Forward(string model, int batchSize, Device device, int seed)
    {
        TrainingArtifacts artifacts = Open(model);
        Dictionary<string, Tensor> parameters = RandomTensors.Parameters(artifacts.Training, seed);
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(artifacts.Training, artifacts.Logits, batchSize, seed);
        var session = new EvaluationSession(artifacts.Evaluation, name => parameters[name], [.. batch.Keys], device);
        var feeds = new BatchFeeds(batch);
        return new("forward", () => session.Run(feeds.Values).Dispose(), session);
    }
}
