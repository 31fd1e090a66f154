using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// Aᵀ B of tall matrices A [R, m] and B [R, n], the weight gradient of a layer over many rows: ONNX Runtime's CPU provider transposes A as it
/// multiplies, anew for every panel of B, which takes up to a quarter of the product's time. So the narrower of the two is transposed once before:
/// Aᵀ B itself, or (Bᵀ A)ᵀ.
/// </summary>
internal static class TallProducts
{
    /// <summary>Fewer rows, or a wider matrix of fewer columns, and the transpose takes what it saves (measured at 64 to 4160 rows of 64 to 2304).</summary>
    private const long FewRows = 2048, FewColumns = 384;

    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for; other devices than the CPU keep what they have.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cpu) return;
        foreach (Node node in graph.Nodes.Where(IsTall).ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            (Value a, Value b) = (node.In(0), node.In(1));
            Value product = Columns(a) <= Columns(b) ? Product(op, a, b) : op.Transpose(Product(op, b, a), 1, 0);
            LowerTrainingOps.Replace(graph, node, [product]);
        }
    }

    private static bool IsTall(Node node) => node.Op == "Gemm" && node.Int("transA", 0) == 1 && node.Int("transB", 0) == 0
        && node.InOrNull(2) is null && node.Float("alpha", 1) == 1
        && node.In(0) is { Type: ElementType.Float, Shape: { IsStatic: true, Rank: 2 } rows } && node.In(1).Shape is { IsStatic: true, Rank: 2 }
        && rows[0].Value >= FewRows && !CachePlaces.AreShared(rows[0].Value) && Math.Max(Columns(node.In(0)), Columns(node.In(1))) >= FewColumns;

    /// <summary>
    /// Aᵀ B with A transposed before. As a stack of one matrix: else the runtime makes it a product that transposes, as it was (its
    /// MatmulTransposeFusion).
    /// </summary>
    private static Value Product(OpBuilder op, Value a, Value b)
    {
        Value stack = op.Reshape(op.Transpose(a, 1, 0), 1, Columns(a), a.Shape![0].Value);
        return op.Reshape(op.MatMul(stack, b), Columns(a), Columns(b));
    }

    private static long Columns(Value matrix) => matrix.Shape![1].Value;
}
