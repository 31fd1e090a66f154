namespace TrainingHost.Settings;

/// <summary>trace: given batches, replayed.</summary>
internal sealed record TraceSettings : ISettings
{
    /// <summary>A folder of artifacts, or a forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--batches: the file that holds them.</summary>
    public required string Batches { get; init; }

    /// <summary>--output: the file for the trace.</summary>
    public required string Output { get; init; }

    /// <summary>--seed of random operators, and of parameters without values.</summary>
    public required int Seed { get; init; }

    public TrActChoice TrAct { get; init; } = new();

    public ForwardChoice Forward { get; init; } = new();

    public OptimizerChoice Optimizer { get; init; } = new();

    public DeviceChoice Device { get; init; } = new();

    public Touched Touched => new([Model, Batches], [Output]);

    public IEnumerable<string> Warnings => Device.Warnings;

    public void Validate()
    {
        TrAct.Validate();
        Optimizer.Validate();
        Device.Validate();
    }
}
