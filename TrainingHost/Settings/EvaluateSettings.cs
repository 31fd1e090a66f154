using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>evaluate: how good a trained model is.</summary>
internal sealed record EvaluateSettings : ISettings
{
    /// <summary>A run, a folder of artifacts, or a forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--output: the folder for tables and the picture; null: they are not written.</summary>
    public string? Output { get; init; }

    public DataChoice Data { get; init; } = new();

    /// <summary>What the run has made of its data, where the examples are to be of that; null: the model is no run, or the data is other.</summary>
    public RunSplit? Own { get; init; }

    /// <summary>Whether the model is a run.</summary>
    public bool IsRun { get; init; }

    /// <summary>--weights; null: the run's default.</summary>
    public WeightsKind? Weights { get; init; }

    /// <summary>--batch-size: examples at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>--seed of what is held out, and of synthetic data.</summary>
    public required int Seed { get; init; }

    public ForwardChoice Forward { get; init; } = new();

    public DeviceChoice Device { get; init; } = new();

    public Touched Touched => new([Model], [], Output);

    public IEnumerable<string> Warnings => Device.Warnings;

    /// <exception cref="GraphRewriteException">A number is out of its range.</exception>
    public void Validate()
    {
        Ranges.AtLeastOne("--batch-size", BatchSize);
        Data.Validate();
        Device.Validate();
    }
}

/// <summary>How a run's data was parted.</summary>
/// <param name="Seed">Of what was held out.</param>
/// <param name="Fingerprint">Tells its data from other; null where none was kept.</param>
internal sealed record RunSplit(int Seed, string? Fingerprint);
