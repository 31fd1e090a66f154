using GraphRewrite.IR;

namespace GraphRewrite.Kernels.Solve;

/// <summary>tract::SolveSpd: (B, A) → B A⁻¹, or A⁻¹ B where left; A symmetric positive definite, B and A matrices or stacks of them.</summary>
/// <param name="B">The right-hand side.</param>
/// <param name="A">The system.</param>
/// <param name="Left">Whether A stands on the left.</param>
internal sealed record SolveProblem(Value B, Value A, bool Left)
{
    /// <summary>The order of A; null where it is not known.</summary>
    public long? Order => A.Shape is { Rank: > 0 } shape && shape[^1].IsKnown ? shape[^1].Value : null;

    public static SolveProblem Of(Node node) => new(node.In(0), node.In(1), node.Int("left", 0) != 0);
}
