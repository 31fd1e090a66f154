using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Solve;

/// <summary>
/// tract::SolveSpd: (B, A, λ) → B (A + λI)⁻¹, or (A + λI)⁻¹ B where left; A symmetric positive semidefinite, B and A matrices or stacks of them, λ a
/// scalar.
/// </summary>
/// <param name="B">The right-hand side.</param>
/// <param name="A">The system but for its ridge.</param>
/// <param name="Ridge">λ.</param>
/// <param name="Left">Whether the system stands on the left.</param>
internal sealed record SolveProblem(Value B, Value A, Value Ridge, bool Left)
{
    /// <summary>The order of A; null where it is not known.</summary>
    public long? Order => A.Shape is { Rank: > 0 } shape && shape[^1].IsKnown ? shape[^1].Value : null;

    public bool IsDouble => A.Type == ElementType.Double;

    public static SolveProblem Of(Node node) => new(node.In(0), node.In(1), node.In(2), node.Int("left", 0) != 0);

    /// <summary>A + λI.</summary>
    public Value System(OpBuilder op)
    {
        Value matrix = A.Shape is { Rank: 3 } ? op.Gather(A, op.Constant(Tensor.Scalar(0L))) : A;
        return A + (op.Op("EyeLike", [matrix]) * Ridge);
    }

    /// <summary>
    /// What a solver makes of B; in float64, which is taken where the system is badly conditioned, with two steps of refinement, X + (B − X A) A⁻¹:
    /// they make an inverse, or elimination without pivots, as good as Cholesky (Higham, Accuracy and Stability of Numerical Algorithms, §12.2).
    /// </summary>
    /// <param name="b">B, or its transpose.</param>
    /// <param name="solve">B → X.</param>
    /// <param name="times">X → X (A + λI), or (A + λI) X.</param>
    public Value Refined(Value b, Func<Value, Value> solve, Func<Value, Value> times)
    {
        Value x = solve(b);
        for (int step = 0; step < (IsDouble ? 2 : 0); step++) x += solve(b - times(x));
        return x;
    }
}
