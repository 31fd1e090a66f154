using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Solve;

/// <summary>
/// X A = B by elimination in blocks, so that nearly all work is products; com.microsoft::Inverse, one thread, sees only the blocks of the diagonal:
/// <code>A = [D U; Uᵀ T]:  V = D⁻¹U,  A' = T − UᵀV,  B' = B₂ − B₁V;  then X₂ A' = B',  X₁ = B₁D⁻¹ − X₂Vᵀ</code>
/// A is symmetric positive definite, and so is every Schur complement A': no pivoting (Golub and Van Loan, Matrix Computations, §4.2).
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
        Value b = problem.Left ? op.TransposeMatrix(problem.B) : problem.B;
        Value x = Solve(op, b, problem.A, problem.Order!.Value);
        return [problem.Left ? op.TransposeMatrix(x) : x];
    }

    private static Value Solve(OpBuilder op, Value b, Value a, long n)
    {
        long block = Block(n);
        var steps = new Stack<(Value B1, Value Inverse, Value V)>();
        for (; n > block; n -= block)
        {
            Value inverse = op.Op("com.microsoft::Inverse", [Part(op, a, [0, 0], [block, block])]);
            Value u = Part(op, a, [0, block], [block, n]);
            Value v = op.MatMul(inverse, u);
            Value[] columns = op.Split(b, -1, block, n - block);
            steps.Push((columns[0], inverse, v));
            a = Less(op, Part(op, a, [block, block], [n, n]), op.TransposeMatrix(u), v);
            b = Less(op, columns[1], columns[0], v);
        }
        Value x = op.MatMul(b, op.Op("com.microsoft::Inverse", [a]));
        foreach ((Value b1, Value inverse, Value v) in steps)
            x = op.Concat(-1, Less(op, op.MatMul(b1, inverse), x, op.TransposeMatrix(v)), x);
        return x;
    }

    /// <summary>Small systems, which only tests take apart, have two blocks.</summary>
    private static long Block(long n) => Math.Min(BlockSize, (n + 1) / 2);

    /// <summary>A block of the last two axes.</summary>
    private static Value Part(OpBuilder op, Value x, long[] starts, long[] ends) => op.Slice(x, [-2, -1], starts, ends);

    /// <summary>c − a b; in one node for matrices, which it is but for groups.</summary>
    private static Value Less(OpBuilder op, Value c, Value a, Value b) =>
        c.Shape is { Rank: 2 } ? op.Gemm(a, b, alpha: -1, c: c) : c - op.MatMul(a, b);
}
