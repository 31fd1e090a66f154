using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Solve;

/// <summary>The ways to solve a symmetric positive definite system.</summary>
internal static class SolveSpdForms
{
    public static IReadOnlyList<IFormulation<SolveProblem>> Formulations { get; } = [new BlockElimination(), new InverseSolve()];

    /// <summary>com.microsoft::Inverse, which the training runtime and the stock one both have.</summary>
    private sealed class InverseSolve : IFormulation<SolveProblem>
    {
        public string Name => "inverse";

        public bool Fits(SolveProblem problem, LoweringTarget target) => true;

        public double Cost(SolveProblem problem, LoweringTarget target) => problem.Order is { } n ? 0.22 * Math.Pow(n, 3) : 0;

        /// <summary>B S⁻¹, or (S⁻¹)ᵀ B: the columns of S⁻¹ were solved for, so that S S⁻¹ is near I, but S⁻¹S need not be.</summary>
        public IReadOnlyList<Value> Emit(OpBuilder op, SolveProblem problem, LoweringTarget target)
        {
            Value system = problem.System(op), inverse = op.Op("com.microsoft::Inverse", [system]);
            return problem.Left
                ? [problem.Refined(problem.B, b => op.Product(inverse, b, transA: true), x => op.Product(system, x))]
                : [problem.Refined(problem.B, b => op.Product(b, inverse), x => op.Product(x, system))];
        }
    }
}
