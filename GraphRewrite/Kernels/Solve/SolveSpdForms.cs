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

        /// <summary>B A⁻¹, or (A⁻¹)ᵀ B: the columns of A⁻¹ were solved for, so that A A⁻¹ is near I, but A⁻¹A need not be.</summary>
        public IReadOnlyList<Value> Emit(OpBuilder op, SolveProblem problem, LoweringTarget target)
        {
            Value inverse = op.Op("com.microsoft::Inverse", [problem.A]);
            return problem.Left
                ? [problem.Refined(problem.B, b => op.Product(inverse, b, transA: true), x => op.Product(problem.A, x))]
                : [problem.Refined(problem.B, b => op.Product(b, inverse), x => op.Product(x, problem.A))];
        }
    }
}
