using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrainingHost.Benchmarks;

/// <summary>One way to run a batch: what is timed.</summary>
internal sealed record Contestant(string Name, Action Run, IDisposable Session) : IDisposable
{
    /// <summary>The formulations that its graph has.</summary>
    public IReadOnlyList<FormChoice> Forms { get; init; } = [];

    public void Dispose() => Session.Dispose();
}

/// <summary>
/// Milliseconds of a contestant's runs: the median, the quartiles and the fastest; and of its first run, with all that comes before.
/// </summary>
internal sealed record Timing(
    string Name, double Median, double LowerQuartile, double UpperQuartile, double Lowest, double StartUp, IReadOnlyList<FormChoice> Forms);

/// <summary>What a benchmark runs.</summary>
/// <param name="Model">A folder of artifacts or a forward .onnx; parameters are made up by the seed, for speed does not depend on them.</param>
/// <param name="BatchSize">Examples in a batch.</param>
/// <param name="Rounds">Timed runs of each contestant.</param>
/// <param name="Optimizer">The optimizer, from the artifacts' own.</param>
/// <param name="Device">Where to run.</param>
/// <param name="Seed">Of parameters and batch.</param>
internal sealed record BenchmarkPlan(
    string Model, int BatchSize, int Rounds, Func<OptimizerSettings, OptimizerSettings> Optimizer, Device Device, int Seed);

/// <summary>
/// Times training steps with and without TrAct and the forward pass alone: in turn, so that a machine that slows down slows all of them.
/// </summary>
internal static class StepBenchmark
{
    /// <param name="plan">What to run.</param>
    /// <param name="peer">The command of another program that steps along; null for none.</param>
    /// <param name="only">The one contestant to run; null for all.</param>
    public static IReadOnlyList<Timing> Run(BenchmarkPlan plan, string? peer, string? only)
    {
        (string Name, Func<Contestant> Make)[] all =
        [
            ("plain", () => Step("plain", plan, tract: false)),
            ("TrAct", () => Step("TrAct", plan, tract: true)),
            ("forward", () => Forward(plan)),
            .. peer is null ? Array.Empty<(string, Func<Contestant>)>() : [("peer", () => Peer(peer))],
        ];
        var contestants = new List<(Contestant Contestant, double StartUp)>();
        try
        {
            foreach ((string name, Func<Contestant> make) in all)
                if (only is null || name == only) contestants.Add(Timed(make));
            Dictionary<string, List<double>> times = contestants.ToDictionary(c => c.Contestant.Name, _ => new List<double>());
            for (int round = -1; round < plan.Rounds; round++)
            {
                foreach ((Contestant contestant, _) in contestants)
                {
                    long start = Stopwatch.GetTimestamp();
                    contestant.Run();
                    if (round >= 0) times[contestant.Name].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
            return [.. contestants.Select(c => Summary(c.Contestant, times[c.Contestant.Name], c.StartUp))];
        }
        finally
        {
            foreach ((Contestant contestant, _) in contestants) contestant.Dispose();
        }
    }

    /// <summary>Kernel times of a training step by operator.</summary>
    public static IReadOnlyList<OperatorProfile> Profile(BenchmarkPlan plan, bool tract)
    {
        using var files = new TemporaryProfile();
        using Contestant step = Step("profiled", plan with { Device = plan.Device with { ProfilePrefix = files.Prefix } }, tract);
        for (int round = 0; round < plan.Rounds; round++) step.Run();
        return OperatorProfile.Read(((StepSession)step.Session).EndProfiling(), plan.Rounds);
    }

    private sealed class TemporaryProfile : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tract-profile-");

        public string Prefix => Path.Combine(folder.FullName, "step");

        public void Dispose() => folder.Delete(recursive: true);
    }

    private static Timing Summary(Contestant contestant, List<double> times, double startUp)
    {
        times.Sort();
        return new(contestant.Name, times[times.Count / 2], times[times.Count / 4], times[3 * times.Count / 4], times[0], startUp, contestant.Forms);
    }

    /// <summary>Load, build, lower and the first run.</summary>
    private static (Contestant Contestant, double StartUp) Timed(Func<Contestant> make)
    {
        long start = Stopwatch.GetTimestamp();
        Contestant contestant = make();
        contestant.Run();
        return (contestant, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static Contestant Step(string name, BenchmarkPlan plan, bool tract)
    {
        TrainingArtifacts artifacts = Open(plan.Model);
        (_, float? lambda) = new TrActChoice(!tract, null, []) { BatchSize = plan.BatchSize }.Apply(artifacts.Training, plan.Model);
        Dictionary<string, Tensor> initial = RandomTensors.Parameters(artifacts.Training, plan.Seed);
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(artifacts.Training, artifacts.Prediction, plan.BatchSize, plan.Seed);
        StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new()
        {
            Optimizer = plan.Optimizer(artifacts.Optimizer),
            Target = plan.Device.Target,
            BatchSize = plan.BatchSize,
            Seed = plan.Seed,
        });
        var session = new StepSession(graph, initial, plan.Device) { LearningRate = 1e-4f, Lambda = lambda ?? 0 };
        var feeds = new BatchFeeds(batch);
        return new(name, () => session.Step(feeds.Values).Dispose(), session) { Forms = graph.Formulations };
    }

    private static Contestant Peer(string command)
    {
        var process = new PeerProcess(command);
        return new("peer", process.Step, process);
    }

    private static TrainingArtifacts Open(string model)
    {
        TrainingArtifacts artifacts = File.Exists(model)
            ? ForwardArtifacts.Build(model, new())
            : TrainingArtifacts.Read(model, needsCheckpoint: false);
        ShapeInference.Apply(artifacts.Training.Graph);
        return artifacts;
    }

    private static Contestant Forward(BenchmarkPlan plan)
    {
        TrainingArtifacts artifacts = Open(plan.Model);
        Dictionary<string, Tensor> parameters = RandomTensors.Parameters(artifacts.Training, plan.Seed);
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(artifacts.Training, artifacts.Prediction, plan.BatchSize, plan.Seed);
        var session = new EvaluationSession(artifacts.Evaluation, name => parameters[name], [.. batch.Keys], plan.Device);
        var feeds = new BatchFeeds(batch);
        return new("forward", () => session.Run(feeds.Values).Dispose(), session);
    }
}
