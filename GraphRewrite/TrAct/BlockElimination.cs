using GraphRewrite.IR;
using GraphRewrite.Lowering;

namespace GraphRewrite.TrAct;

/// <summary>
/// X A = B by elimination in blocks, so that nearly all work is products; com.microsoft::Inverse, one thread, sees only the blocks of the diagonal:
/// <code>A = [D U; Uᵀ T]:  V = D⁻¹U,  A' = T − UᵀV,  B' = B₂ − B₁V;  then X₂ A' = B',  X₁ = B₁D⁻¹ − X₂Vᵀ</code>
/// A is symmetric positive definite, and so is every Schur complement A': no pivoting (Golub and Van Loan, Matrix Computations, §4.2).
/// </summary>
internal sealed class BlockElimination : ISolveSpdForm
{
    private const long BlockSize = 96;

    public string Name => "blocks";

    public bool Fits(Shape? a, LoweringTarget? target) => target is not null && a is { Rank: >= 2 } && a[^1].IsKnown && a[^1].Value > 1;

    /// <summary>Inverses of the blocks, products, and some twelve nodes a block.</summary>
    public double Cost(Shape? a)
    {
        double n = a![^1].Value, blocks = Math.Ceiling(n / Block((long)n));
        return (blocks * 2.2e-7 * Math.Pow(Block((long)n), 3)) + (1e-8 * n * n * n) + (0.1 * blocks);
    }

    public Value Build(OpBuilder op, Node node)
    {
        (Value b, Value a) = (node.In(0), node.In(1));
        bool left = node.Int("left", 0) != 0;
        Value x = Solve(op, left ? op.TransposeMatrix(b) : b, a, a.Shape![^1].Value);
        return left ? op.TransposeMatrix(x) : x;
    }

    private static Value Solve(OpBuilder op, Value b, Value a, long n)
    {
        long block = Block(n);
        var steps = new Stack<(Value B1, Value Inverse, Value V)>();
        for (; n > block; n -= block)
        {
            Value[] rows = op.Split(a, -2, block, n - block);
            (Value d, Value u) = Halves(op, rows[0], block, n);
            Value t = Halves(op, rows[1], block, n).Second;
            (Value b1, Value b2) = Halves(op, b, block, n);
            Value inverse = op.Op("com.microsoft::Inverse", [d]);
            Value v = op.MatMul(inverse, u);
            steps.Push((b1, inverse, v));
            a = t - op.MatMul(op.TransposeMatrix(u), v);
            b = b2 - op.MatMul(b1, v);
        }
        Value x = op.MatMul(b, op.Op("com.microsoft::Inverse", [a]));
        foreach ((Value b1, Value inverse, Value v) in steps)
            x = op.Concat(-1, op.MatMul(b1, inverse) - op.MatMul(x, op.TransposeMatrix(v)), x);
        return x;
    }

    /// <summary>Small systems, which only tests take apart, have two blocks.</summary>
    private static long Block(long n) => Math.Min(BlockSize, (n + 1) / 2);

    private static (Value First, Value Second) Halves(OpBuilder op, Value x, long block, long n)
    {
        Value[] halves = op.Split(x, -1, block, n - block);
        return (halves[0], halves[1]);
    }
}
