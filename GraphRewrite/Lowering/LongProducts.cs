using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// A B of a long matrix A [R, K], a layer over many tokens, and B [K, N]: ONNX Runtime's CPU provider takes a thread's rows all at once, for every
/// panel of B anew, and many do not stay in the cache between two panels. So the rows are dealt out, A as [2, P/2, R/P, K], a stack of products, which
/// takes up to a quarter less time. B is there twice, as [2, 1, K, N]: with one for all, the runtime would join the rows again.
/// </summary>
internal static class LongProducts
{
    /// <summary>From so many rows on something is won (measured at 4,160, 8,320 and 16,640 of them).</summary>
    private const long FewRows = 8192;

    /// <summary>Rows of a part: a panel of A and one of the product, of 128 floats a row each, fill a second-level cache of 1 MiB.</summary>
    private const long MostTogether = 1024, FewestTogether = 256;

    /// <summary>Columns of a panel, of A and of B; with less than one there is nothing to pass through again.</summary>
    private const long Panel = 128;

    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for; other devices than the CPU keep what they have.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cpu) return;
        foreach (Node node in graph.Nodes.Where(IsPlainProduct).ToArray())
        {
            (Value b, bool isTransposed) = Untransposed(node);
            long[] a = node.In(0).Shape!.Extents(), weight = b.Shape!.Extents();
            (long rows, long inner, long columns) = (a[..^1].Product(), a[^1], weight[isTransposed ? 0 : 1]);
            if (rows is < FewRows or > int.MaxValue || Math.Min(inner, columns) < Panel || PartsOf(rows) is not { } parts) continue;
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            Value dealt = op.Reshape(node.In(0), 2, parts / 2, rows / parts, inner);
            Value twice = op.Expand(b, op.Ints([2, 1, .. weight]));
            Value products = op.FusedMatMul(dealt, twice, transB: isTransposed, alpha: node.Float("alpha", 1));
            LowerTrainingOps.Replace(graph, node, [op.Reshape(products, [.. a[..^1], columns])]);
        }
    }

    /// <summary>A [.., R, K] as it lies, and one B.</summary>
    private static bool IsPlainProduct(Node node) =>
        (node.Op == "MatMul" || node.Op == "com.microsoft::FusedMatMul" || node.Op == "Gemm") && node.InOrNull(2) is null
        && node.In(0) is { Type: ElementType.Float, Shape: { IsStatic: true, Rank: > 1 } } && Untransposed(node).B.Shape is { IsStatic: true, Rank: 2 }
        && new[] { "transA", "transBatchA", "transBatchB" }.All(attribute => node.Int(attribute, 0) == 0);

    /// <summary>B, or what it is the transpose of: FusedMatMul reads it either way.</summary>
    private static (Value B, bool IsTransposed) Untransposed(Node node)
    {
        Value b = node.In(1);
        bool isTransposed = node.Int("transB", 0) != 0;
        return b.Producer is { } before && before.Op == "Transpose" && before.Ints("perm") is null or [1, 0]
            ? (before.In(0), !isTransposed)
            : (b, isTransposed);
    }

    /// <summary>The fewest parts, an even number, of at most so many rows; null where the rows do not fall into such.</summary>
    private static long? PartsOf(long rows)
    {
        for (long parts = 2 * ((rows + (2 * MostTogether) - 1) / (2 * MostTogether)); rows / parts >= FewestTogether; parts += 2)
            if (rows % parts == 0) return parts;
        return null;
    }
}
