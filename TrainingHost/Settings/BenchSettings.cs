using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>bench: step times.</summary>
internal sealed record BenchSettings : ISettings
{
    /// <summary>A folder of artifacts or a forward .onnx; parameters are made up by the seed, for speed does not depend on them.</summary>
    public required string Model { get; init; }

    /// <summary>--batch-size: examples in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>--rounds: timed runs of each contestant.</summary>
    public required int Rounds { get; init; }

    /// <summary>--processes: how many fresh processes time it, one after the other; 1 is this one.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>The command line of each of several processes: the same without --processes, with --json.</summary>
    public IReadOnlyList<string> ArgumentsOfEach { get; init; } = [];

    /// <summary>--peer: the command of another program that steps along; null for none.</summary>
    public string? Peer { get; init; }

    /// <summary>--only: the one contestant to run; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>--profile: kernel times by operator instead.</summary>
    public bool Profile { get; init; }

    /// <summary>--no-tract: no step with TrAct; a profile is of the plain step.</summary>
    public bool NoTrAct { get; init; }

    /// <summary>--seed of parameters and batch.</summary>
    public required int Seed { get; init; }

    public ForwardChoice Forward { get; init; } = new();

    public OptimizerChoice Optimizer { get; init; } = new();

    public DeviceChoice Device { get; init; } = new();

    public IEnumerable<string> Warnings => Device.Warnings;

    /// <summary>Whether a contestant is among those that run.</summary>
    public bool Takes(string name) => (Only ?? name) == name && !(NoTrAct && name == "TrAct");

    public void Validate()
    {
        Ranges.AtLeastOne("--batch-size", BatchSize);
        Ranges.AtLeastOne("--rounds", Rounds);
        Ranges.AtLeastOne("--processes", Processes);
        Optimizer.Validate();
        Device.Validate();
        RefuseOfOneProcess();
        RefuseOfProfile();
        if (NoTrAct && Only == "TrAct") throw new GraphRewriteException("--only TrAct: does not go with --no-tract, which leaves nothing to run.");
    }

    /// <exception cref="GraphRewriteException">A profile is asked for, and something that has no part in it.</exception>
    private void RefuseOfProfile()
    {
        if (!Profile) return;
        if (Only == "forward") throw new GraphRewriteException("--only forward: does not go with --profile, which is of a training step.");
        if (Peer is not null) throw new GraphRewriteException("--peer: does not go with --profile, which is of a step of ours.");
    }

    /// <exception cref="GraphRewriteException">Several processes are asked for, and something that is of one.</exception>
    private void RefuseOfOneProcess()
    {
        if (Processes == 1) return;
        if (Profile) throw new GraphRewriteException($"--processes {Processes}: does not go with --profile, which is of one process.");
        if (Peer is not null)
            throw new GraphRewriteException($"--processes {Processes}: does not go with --peer, which steps along in one process.");
    }
}
