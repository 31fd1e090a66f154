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

    public bool IsDouble => A.Type == ElementType.Double;

    public static SolveProblem Of(Node node) => new(node.In(0), node.In(1), node.Int("left", 0) != 0);

    /// <summary>
    /// What a solver of A makes of B; in float64, which is taken where A is badly conditioned, with two steps of refinement, X + (B − X A) A⁻¹: they
    /// make an inverse, or elimination without pivots, as good as Cholesky (Higham, Accuracy and Stability of Numerical Algorithms, §12.2).
    /// </summary>
    /// <param name="b">B, or its transpose.</param>
    /// <param name="solve">B → X.</param>
    /// <param name="times">X → X A, or A X.</param>
    public Value Refined(Value b, Func<Value, Value> solve, Func<Value, Value> times)
    {
        Value x = solve(b);
        for (int step = 0; step < (IsDouble ? 2 : 0); step++) x += solve(b - times(x));
        return x;
    }
}
