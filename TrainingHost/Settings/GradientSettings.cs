using GraphRewrite.Kernels;
using GraphRewrite.Losses;

namespace TrainingHost.Settings;

/// <summary>gradient: the gradient graph alone.</summary>
internal sealed record GradientSettings : ISettings
{
    /// <summary>A forward .onnx.</summary>
    public required string Model { get; init; }

    /// <summary>--wrt: names or globs of parameters and inputs.</summary>
    public required IReadOnlyList<string> Wanted { get; init; }

    /// <summary>--loss; null: the sum of the first output.</summary>
    public Loss? Loss { get; init; }

    /// <summary>--output: the gradient graph's file.</summary>
    public required string Output { get; init; }

    /// <summary>--device that it is made for.</summary>
    public ExecutionDevice Device { get; init; }

    public Touched Touched => new([Model], [Output]);
}
