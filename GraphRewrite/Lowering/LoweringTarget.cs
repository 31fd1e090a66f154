namespace GraphRewrite.Lowering;

/// <summary>What a step graph is made for. Everything that depends on the target is chosen from this, in the lowering.</summary>
public sealed record LoweringTarget
{
    /// <summary>The execution provider.</summary>
    public ExecutionDevice Device { get; init; } = ExecutionDevice.Cpu;

    /// <summary>The runtime's opset that the step graph is written in.</summary>
    public long Opset { get; init; } = 21;

    public static LoweringTarget Cpu { get; } = new();
}

/// <summary>Where the step graph runs.</summary>
public enum ExecutionDevice
{
    Cpu,
    Cuda,
}
