namespace GraphRewrite.Kernels;

/// <summary>What a step graph is made for: a plain value. Everything that depends on the target is chosen from this, in the lowering.</summary>
public sealed record LoweringTarget
{
    /// <summary>The execution provider.</summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>
    /// Channels in a block of ONNX Runtime's NCHWc layout on the very machine that runs the graph (16 with AVX-512, 8 with AVX2); 0 where the graph
    /// must run anywhere, and the layout is not used.
    /// </summary>
    public int ChannelBlock { get; init; }

    /// <summary>Which formulations are taken whatever they cost.</summary>
    public ForcedFormulations Forced { get; init; } = ForcedFormulations.None;

    /// <summary>The model format's version that goes with opset 21.</summary>
    public long IrVersion { get; init; } = 10;

    /// <summary>
    /// Whether ONNX Runtime Training 1.19.2 must be able to run the graph too, in the opset that it has: then the plainest formulations are taken.
    /// </summary>
    public bool IncludesTrainingRuntime { get; init; }

    /// <summary>The CPU provider of any machine.</summary>
    public static LoweringTarget Cpu { get; } = new();

    /// <summary>Every runtime since ONNX Runtime Training 1.19.2: what rewritten artifacts are made for.</summary>
    public static LoweringTarget AnyRuntime { get; } = new() { IncludesTrainingRuntime = true };
}

/// <summary>Where the step graph runs.</summary>
public enum ExecutionDevice
{
    /// <summary>ONNX Runtime's CPU provider.</summary>
    Cpu,

    /// <summary>ONNX Runtime's CUDA provider; what it has no kernel for runs on the CPU.</summary>
    Cuda,
}
