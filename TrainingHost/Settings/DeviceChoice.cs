using GraphRewrite.Kernels;

namespace TrainingHost.Settings;

/// <summary>Where a verb runs, and on which ONNX Runtime.</summary>
internal sealed record DeviceChoice : ISettings
{
    /// <summary>--device.</summary>
    public ExecutionDevice Kind { get; init; }

    /// <summary>--threads of the CPU provider; null: one a core.</summary>
    public int? Threads { get; init; }

    /// <summary>--ort-library; null: the environment's, or the package's.</summary>
    public string? Library { get; init; }

    public IEnumerable<string> Warnings => Threads > Environment.ProcessorCount
        ? [$"--threads {Threads}: this machine has {Environment.ProcessorCount}; more only wait for each other"] : [];

    public void Validate() => Ranges.AtLeastOne("--threads", Threads);
}
