using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Solve;

/// <summary>
/// X (A + λI) = B by elimination in blocks, so that nearly all work is products; com.microsoft::Inverse, one thread, sees only the blocks of the
/// diagonal, and they alone get λ:
/// <code>A = [D U; Uᵀ T]:  V = (D + λI)⁻¹U,  A' = T − UᵀV,  B' = B₂ − B₁V;  then X₂ (A' + λI) = B',  X₁ = B₁(D + λI)⁻¹ − X₂Vᵀ</code>
/// A + λI is symmetric positive definite, and so is every Schur complement A' + λI: no pivoting (Golub and Van Loan, Matrix Computations, §4.2).
/// The error of V must be small in DV, for A' = T − UᵀV multiplies it by U; the inverse leaves the condition of D in it, and each step of
/// refinement, V + D⁻¹(U − DV), takes it out once.
/// </summary>
internal sealed class BlockElimination : IFormulation<SolveProblem>
{
    private const long BlockSize = 96;

    public string Name => "blocks";

    public bool Fits(SolveProblem problem, LoweringTarget target) =>
        !target.IncludesTrainingRuntime && problem.A.Shape is { Rank: >= 2 } && problem.Order > 1;

    /// <summary>Inverses of the blocks, products, and some twelve nodes a block.</summary>
    public double Cost(SolveProblem problem, LoweringTarget target)
    {
        double n = problem.Order!.Value, blocks = Math.Ceiling(n / Block((long)n));
        return (blocks * 0.22 * Math.Pow(Block((long)n), 3)) + (0.01 * n * n * n) + (1e5 * blocks);
    }

    public IReadOnlyList<Value> Emit(OpBuilder op, SolveProblem problem, LoweringTarget target)
    {
        var factors = new Factors(op, problem);
        Value b = problem.Left ? op.TransposeMatrix(problem.B) : problem.B;
        Value x = problem.Refined(b, factors.Solve, x => op.MatMul(x, problem.A) + (x * problem.Ridge));
        return [problem.Left ? op.TransposeMatrix(x) : x];
    }

    /// <summary>What elimination leaves of A: it serves any number of right-hand sides.</summary>
    private sealed class Factors
    {
        private readonly OpBuilder op;
        private readonly List<(long Width, Value Inverse, Value V)> steps = [];
        private readonly Value last;
        private readonly long lastWidth;

        public Factors(OpBuilder op, SolveProblem problem)
        {
            this.op = op;
            Value a = problem.A;
            long n = problem.Order!.Value, block = Block(n);
            for (; n > block; n -= block)
            {
                Value d = WithRidge(Part(a, [0, 0], [block, block]), block), u = Part(a, [0, block], [block, n]);
                Value inverse = op.Op("com.microsoft::Inverse", [d]);
                Value v = op.Product(inverse, u, transA: true); // the columns of D⁻¹ were solved for: D D⁻¹ is near I, D⁻¹D need not be
                for (int step = 0; step < (problem.IsDouble ? 2 : 1); step++) v += op.Product(inverse, Less(u, d, v), transA: true);
                steps.Add((block, inverse, v));
                a = Less(Part(a, [block, block], [n, n]), u, v, transA: true);
            }
            (last, lastWidth) = (op.Op("com.microsoft::Inverse", [WithRidge(a, n)]), n);

            Value WithRidge(Value d, long width) => d + (op.Constant(Identity(problem.A.Type, width)) * problem.Ridge);
        }

        /// <summary>B → B (A + λI)⁻¹.</summary>
        public Value Solve(Value b)
        {
            var parts = new Stack<Value>();
            long rest = steps.Sum(step => step.Width) + lastWidth;
            foreach ((long width, _, Value v) in steps)
            {
                rest -= width;
                Value[] columns = op.Split(b, -1, width, rest);
                parts.Push(columns[0]);
                b = Less(columns[1], columns[0], v);
            }
            Value x = op.MatMul(b, last);
            foreach ((_, Value inverse, Value v) in Enumerable.Reverse(steps))
                x = op.Concat(-1, Less(op.MatMul(parts.Pop(), inverse), x, v, transB: true), x);
            return x;
        }

        private static Tensor Identity(ElementType type, long n)
        {
            double[] entries = new double[n * n];
            for (long i = 0; i < n; i++) entries[i * (n + 1)] = 1;
            return type == ElementType.Double ? Tensor.Of([n, n], entries) : Tensor.Of([n, n], [.. entries.Select(entry => (float)entry)]);
        }

        /// <summary>A block of the last two axes.</summary>
        private Value Part(Value x, long[] starts, long[] ends) => op.Slice(x, [-2, -1], starts, ends);

        /// <summary>c − a' b'; in one node for matrices, which it is but for groups.</summary>
        private Value Less(Value c, Value a, Value b, bool transA = false, bool transB = false) => c.Shape is { Rank: 2 }
            ? op.Gemm(a, b, transA, transB, alpha: -1, c)
            : c - op.Product(a, b, transA, transB);
    }

    /// <summary>Small systems, which only tests take apart, have two blocks.</summary>
    private static long Block(long n) => Math.Min(BlockSize, (n + 1) / 2);
}
