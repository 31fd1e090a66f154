using GraphRewrite.Passes.Contracts;

namespace GraphRewrite.StepGraphs;

/// <summary>What a step graph promises of the operators in it, beyond what the lowering does.</summary>
internal static class StepGraphConditions
{
    public static Condition NoAccumulators { get; } = Condition.NoNode(
        "NoAccumulators", "no gradient is written into a buffer of ONNX Runtime Training", node => node.Op == GradientAccumulators.Accumulator);
}
