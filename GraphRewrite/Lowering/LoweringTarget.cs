namespace GraphRewrite.Lowering;

/// <summary>What a step graph is made for. Everything that depends on the target is chosen from this, in the lowering.</summary>
public sealed record LoweringTarget
{
    /// <summary>The execution provider.</summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>The model format's version that goes with opset 21.</summary>
    public long IrVersion { get; init; } = 10;

    public static LoweringTarget Cpu { get; } = new();
}

/// <summary>Where the step graph runs.</summary>
public enum ExecutionDevice
{
    Cpu,
    Cuda,
}
