using GraphRewrite.Kernels;

namespace TrainingHost.Settings;

/// <summary>gradient: the gradient graph alone.</summary>
internal sealed record GradientSettings : ISettings
{
    /// <summary>A forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--wrt: names or globs of parameters and inputs.</summary>
    public required IReadOnlyList<string> Wanted { get; init; }

    /// <summary>--loss, --predict and what belongs to them; without a loss the sum of the output is differentiated.</summary>
    public LossChoice Loss { get; init; } = new();

    /// <summary>--output: the gradient graph's file.</summary>
    public required string Output { get; init; }

    /// <summary>--device that it is made for.</summary>
    public ExecutionDevice Device { get; init; }

    public Touched Touched => new([Model], [Output]);
}
