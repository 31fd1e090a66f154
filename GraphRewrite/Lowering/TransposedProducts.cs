using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>
/// Products of stacks of matrices that transpose as they read, as attention's Q Kᵀ: FusedMatMul(A, B) with transB for A Bᵀ, and Bᵀ Aᵀ for (A B)ᵀ, so that
/// no transposed matrix lies in memory. Where a Transpose moves other axes too, what remains of it keeps its last axis in place, which is three times as
/// fast. In float32 alone: FusedMatMul has no other kernel everywhere.
/// </summary>
internal static class TransposedProducts
{
    /// <param name="graph">A graph with shapes; changed in place.</param>
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(IsProductOfStacks).ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            (Value a, bool transA) = Operand(op, node, 0, "transA");
            (Value b, bool transB) = Operand(op, node, 1, "transB");
            float alpha = node.Float("alpha", 1);
            if (OnlyTransposeOf(node.Out(0)) is { } behind)
            {
                // (A B)ᵀ = Bᵀ Aᵀ
                Value swapped = op.FusedMatMul(b, a, !transB, !transA, alpha);
                LowerTrainingOps.Replace(graph, behind, [Permuted(op, swapped, Swapped(behind.Ints("perm")!))]);
                graph.Remove(node);
            }
            else if (a != node.In(0) || b != node.In(1))
            {
                LowerTrainingOps.Replace(graph, node, [op.FusedMatMul(a, b, transA, transB, alpha)]);
            }
        }
    }

    private static bool IsProductOfStacks(Node node) => (node.Op == "MatMul" || node.Op == "com.microsoft::FusedMatMul")
        && node is { Inputs: [{ Type: ElementType.Float, Shape.Rank: > 2 }, { Shape.Rank: > 2 }] }
        && node.Int("transBatchA", 0) == 0 && node.Int("transBatchB", 0) == 0;

    /// <summary>An operand before the Transpose that makes its rows of columns, or as it is.</summary>
    private static (Value Operand, bool IsTransposed) Operand(OpBuilder op, Node node, int index, string attribute)
    {
        Value operand = node.In(index);
        bool isTransposed = node.Int(attribute, 0) != 0;
        if (operand.Producer is not { } before || Permutation(before) is not { } perm || perm[^2] != perm.Length - 1) return (operand, isTransposed);
        return (Permuted(op, before.In(0), [.. perm[..^2], perm[^1], perm[^2]]), !isTransposed);
    }

    /// <summary>The Transpose that alone reads a product and has its rows for columns.</summary>
    private static Node? OnlyTransposeOf(Value product) => product is { IsGraphOutput: false, Uses: [{ Node: var only }] }
        && Permutation(only) is { } perm && perm[^1] == perm.Length - 2 ? only : null;

    private static long[]? Permutation(Node node) => node.Op == "Transpose" ? node.Ints("perm") : null;

    private static Value Permuted(OpBuilder op, Value x, long[] perm) =>
        perm.SequenceEqual(Axes.Range(0, perm.Length)) ? x : op.Transpose(x, perm);

    /// <summary>The same permutation of what has its last two axes the other way round.</summary>
    private static long[] Swapped(long[] perm)
    {
        int last = perm.Length - 1;
        return [.. perm.Select(axis => axis == last ? last - 1 : axis == last - 1 ? last : axis)];
    }
}
