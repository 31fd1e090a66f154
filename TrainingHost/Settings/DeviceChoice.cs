using GraphRewrite.Diagnostics;
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

    /// <summary>--tf32.</summary>
    public bool Tf32 { get; init; }

    /// <summary>--cuda-graph.</summary>
    public bool CudaGraph { get; init; }

    public IEnumerable<string> Warnings => Threads > Environment.ProcessorCount
        ? [$"--threads {Threads}: this machine has {Environment.ProcessorCount}; more only wait for each other"] : [];

    public void Validate()
    {
        Ranges.AtLeastOne("--threads", Threads);
        if (Kind == ExecutionDevice.Cuda) return;
        if (Tf32) throw new GraphRewriteException("--tf32: goes with --device cuda; the CPU computes in float32");
        if (CudaGraph) throw new GraphRewriteException("--cuda-graph: goes with --device cuda");
    }
}
