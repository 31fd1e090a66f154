using GraphRewrite.Optimizers;

namespace TrainingHost.Settings;

/// <summary>artifacts: the four files from a forward model.</summary>
internal sealed record ArtifactsSettings : ISettings
{
    /// <summary>A forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--output: the folder for the four files.</summary>
    public required string Output { get; init; }

    /// <summary>--optimizer, with the constants that generate_artifacts wrote.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>--seed of parameters without values.</summary>
    public required int Seed { get; init; }

    public ForwardChoice Forward { get; init; } = new();

    public Touched Touched => new([Model], [], Output);
}
