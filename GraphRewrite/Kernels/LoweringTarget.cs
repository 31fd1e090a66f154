namespace GraphRewrite.Kernels;

/// <summary>What a step graph is made for. Everything that depends on the target is chosen from this, in the lowering.</summary>
public sealed record LoweringTarget
{
    /// <summary>The execution provider.</summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>
    /// Channels in a block of ONNX Runtime's NCHWc layout on the very machine that runs the graph (16 with AVX-512, 8 with AVX2); 0 where the graph
    /// must run anywhere, and the layout is not used.
    /// </summary>
    public int ChannelBlock { get; init; }

    /// <summary>Which formulations are taken.</summary>
    public Formulations Forms { get; init; } = new();

    /// <summary>The model format's version that goes with opset 21.</summary>
    public long IrVersion { get; init; } = 10;

    /// <summary>The CPU provider of any machine.</summary>
    public static LoweringTarget Cpu => new();
}

/// <summary>Where the step graph runs.</summary>
public enum ExecutionDevice
{
    Cpu,
    Cuda,
}
