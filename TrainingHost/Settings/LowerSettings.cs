using GraphRewrite.Kernels;

namespace TrainingHost.Settings;

/// <summary>lower: the step graph as a file.</summary>
internal sealed record LowerSettings : ISettings
{
    /// <summary>A folder of artifacts, or a forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--output: the step graph's file.</summary>
    public required string Output { get; init; }

    /// <summary>--device that it is made for.</summary>
    public ExecutionDevice Device { get; init; }

    /// <summary>--batch-size: examples in a batch; null: any.</summary>
    public long? BatchSize { get; init; }

    /// <summary>--seed of random operators; null: each session draws other numbers.</summary>
    public int? Seed { get; init; }

    public OptimizerChoice Optimizer { get; init; } = new();

    public ForwardChoice Forward { get; init; } = new();

    /// <summary>The initial values' file.</summary>
    public string Initials => Path.ChangeExtension(Output, ".init.onnx");

    public Touched Touched => new([Model], [Output, Initials]);

    public void Validate()
    {
        Ranges.AtLeastOne("--batch-size", BatchSize);
        Optimizer.Validate();
    }
}
