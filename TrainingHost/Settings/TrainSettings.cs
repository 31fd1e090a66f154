using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>train: one run.</summary>
internal sealed record TrainSettings : ISettings
{
    private const int DefaultEpochs = 2;

    /// <summary>--model: a folder of artifacts, or a forward .onnx.</summary>
    public required string Model { get; init; }

    public DataChoice Data { get; init; } = new();

    /// <summary>--epochs: passes over the data.</summary>
    public int? Epochs { get; init; }

    /// <summary>--steps in all, instead of epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>--batch-size: examples in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>--accumulate: batches that make one step.</summary>
    public required int Accumulate { get; init; }

    /// <summary>--schedule of the learning rate.</summary>
    public required string Schedule { get; init; }

    /// <summary>--warmup: steps over which the learning rate rises; how many there may be depends on the run's: the schedule checks it.</summary>
    public int Warmup { get; init; }

    /// <summary>--output: the run's folder; null: the next number in <see cref="RunsFolder"/>.</summary>
    public string? Output { get; init; }

    /// <summary>Where numbered runs lie.</summary>
    public string RunsFolder { get; init; } = "runs";

    /// <summary>--overwrite: a run that is there goes.</summary>
    public bool Overwrite { get; init; }

    /// <summary>--resume: the folder of a run to go on with; null for a new one.</summary>
    public string? Resume { get; init; }

    /// <summary>--model beside --resume: it must be the run's; null where it is not given.</summary>
    public string? GivenModel { get; init; }

    /// <summary>--checkpoint-every and --keep.</summary>
    public CheckpointPlan Checkpoints { get; init; } = new();

    /// <summary>--patience: epochs without a better validation result before the run ends; null: it never does.</summary>
    public int? Patience { get; init; }

    /// <summary>All of these as the run's settings file holds them: names without dashes, values as one would type them.</summary>
    public OrderedDictionary<string, string[]> Options { get; init; } = [];

    /// <summary>--seed of the data's order, of random operators, and of parameters without values.</summary>
    public required int Seed { get; init; }

    public TrActChoice TrAct { get; init; } = new();

    public ForwardChoice Forward { get; init; } = new();

    public OptimizerChoice Optimizer { get; init; } = new();

    /// <summary>--ema: the decay of the moving average of the weights; null: there is none.</summary>
    public double? Ema { get; init; }

    public DeviceChoice Device { get; init; } = new();

    public Touched Touched => Resume is null ? new([Model], [], Output) : Touched.Nothing;

    public IEnumerable<string> Warnings => Device.Warnings;

    public void Validate()
    {
        Ranges.AtLeastOne("--epochs", Epochs);
        Ranges.AtLeastOne("--steps", Steps);
        Ranges.AtLeastOne("--batch-size", BatchSize);
        Ranges.AtLeastOne("--accumulate", Accumulate);
        Ranges.AtLeastOne("--patience", Patience);
        Ranges.BelowOne("--ema", Ema);
        if (Ema is 0) throw new GraphRewriteException("--ema 0: averages nothing. Give a decay such as 0.999, or leave it out.");
        Checkpoints.Validate();
        Data.Validate();
        TrAct.Validate();
        Optimizer.Validate();
        Device.Validate();
    }

    /// <summary>Steps in all, for data of which so many make an epoch.</summary>
    /// <exception cref="GraphRewriteException">They are more than can be counted.</exception>
    public int StepsInAll(int stepsPerEpoch)
    {
        if (Steps is { } steps) return steps;
        long all = (long)(Epochs ?? DefaultEpochs) * stepsPerEpoch;
        return all <= int.MaxValue ? (int)all
            : throw new GraphRewriteException($"--epochs {Epochs}: makes {all} steps; at most {int.MaxValue} can be done.");
    }
}
