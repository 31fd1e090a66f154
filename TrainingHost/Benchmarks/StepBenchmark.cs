using System.Diagnostics;
using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

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

/// <summary>
/// Times training steps with and without TrAct and the forward pass alone: in turn, so that a machine that slows down slows all of them.
/// </summary>
internal static class StepBenchmark
{
    /// <param name="plan">What to run.</param>
    /// <param name="device">Where to run.</param>
    public static IReadOnlyList<Timing> Run(BenchSettings plan, Device device)
    {
        long start = Stopwatch.GetTimestamp();
        TrainingArtifacts model = Open(plan);
        double opening = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        (string Name, Func<Contestant> Make)[] all =
        [
            ("plain", () => Step("plain", model, plan, device, tract: false)),
            ("TrAct", () => Step("TrAct", model, plan, device, tract: true)),
            ("forward", () => Forward(model, plan, device)),
            .. plan.Peer is null ? Array.Empty<(string, Func<Contestant>)>() : [("peer", () => Peer(plan.Peer))],
        ];
        var contestants = new List<(Contestant Contestant, double StartUp)>();
        try
        {
            foreach ((string name, Func<Contestant> make) in all)
                if (plan.Takes(name)) contestants.Add(Timed(make, opening));
            Dictionary<string, List<double>> times = contestants.ToDictionary(c => c.Contestant.Name, _ => new List<double>());
            for (int round = -1; round < plan.Rounds; round++)
            {
                foreach ((Contestant contestant, _) in contestants)
                {
                    long began = Stopwatch.GetTimestamp();
                    contestant.Run();
                    if (round >= 0) times[contestant.Name].Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
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
    public static IReadOnlyList<OperatorProfile> Profile(BenchSettings plan, Device device)
    {
        using var files = new TemporaryProfile();
        using Contestant step = Step("profiled", Open(plan), plan, device with { ProfilePrefix = files.Prefix }, tract: plan.Takes("TrAct"));
        for (int round = 0; round < plan.Rounds; round++) step.Run();
        return OperatorProfile.Read(((StepSession)step.Session).EndProfiling());
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
        return new(contestant.Name, Medians.Of(times), times[times.Count / 4], times[3 * times.Count / 4], times[0], startUp, contestant.Forms);
    }

    /// <summary>Build, lower and the first run; and the opening of the model, which is done once for all.</summary>
    private static (Contestant Contestant, double StartUp) Timed(Func<Contestant> make, double opening)
    {
        long start = Stopwatch.GetTimestamp();
        Contestant contestant = make();
        contestant.Run();
        return (contestant, opening + Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static Contestant Step(string name, TrainingArtifacts model, BenchSettings plan, Device device, bool tract)
    {
        TrainingGraph training = model.Training.Clone();
        (_, float? lambda) = ChosenTrAct.ApplyTo(training, new() { Off = !tract }, plan.Model, plan.BatchSize);
        Dictionary<string, Tensor> initial = RandomTensors.Parameters(training, plan.Seed);
        StepGraph graph = StepGraphBuilder.Build(training, model.Prediction, new()
        {
            Optimizer = plan.Optimizer.Over(model.Optimizer).Settings,
            Target = device.Target,
            BatchSize = plan.BatchSize,
            Seed = plan.Seed,
            KeepsTaps = true,
        });
        var session = new StepSession(graph, initial, device) { LearningRate = 1e-4f, Lambda = lambda ?? 0 };
        var feeds = new BatchFeeds(RandomTensors.Batch(training, model.Prediction, plan.BatchSize, plan.Seed));
        return new(name, () => session.Step(feeds.Values).Dispose(), session) { Forms = graph.Formulations };
    }

    private static Contestant Peer(string command)
    {
        var process = new PeerProcess(command);
        return new("peer", process.Step, process);
    }

    private static Contestant Forward(TrainingArtifacts model, BenchSettings plan, Device device)
    {
        Dictionary<string, Tensor> parameters = RandomTensors.Parameters(model.Training, plan.Seed);
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(model.Training, model.Prediction, plan.BatchSize, plan.Seed);
        var session = new EvaluationSession(model.Evaluation, name => parameters[name], [.. batch.Keys], device);
        var feeds = new BatchFeeds(batch);
        return new("forward", () => session.Run(feeds.Values).Dispose(), session);
    }

    /// <summary>A model as its file or folder has it, with shapes.</summary>
    private static TrainingArtifacts Open(BenchSettings plan)
    {
        ForwardOptions forward = plan.Forward.For(plan.Model, plan.Seed);
        TrainingArtifacts artifacts = File.Exists(plan.Model) ? ForwardArtifacts.Build(plan.Model, forward)
            : TrainingArtifacts.Read(plan.Model, needsCheckpoint: false);
        ShapeInference.Apply(artifacts.Training.Graph);
        return artifacts;
    }
}
