using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;

namespace GraphRewrite.Lowering;

/// <summary>
/// Sums that ONNX Runtime's CPU provider takes in one thread become nodes that take all of them: Sum a row of Adds, a ReduceSum over the first axes
/// the product of ones with X (half the time of the next for a bias of [64, 65, 192]), one over the first axis and others apart from it one over the
/// others, then one over the first.
/// </summary>
internal static class ThreadedSums
{
    /// <summary>A reduction of fewer elements is faster as one node.</summary>
    private const long FewElements = 1 << 15;

    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for; other devices than the CPU keep what they have.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.Device != ExecutionDevice.Cpu) return;
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Sum" || node.Op == "ReduceSum").ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            if ((node.Op == "Sum" ? Added(node) : Reduced(op, node)) is { } sum) LowerTrainingOps.Replace(graph, node, [sum]);
        }
    }

    /// <summary>((a + b) + c) + …</summary>
    private static Value? Added(Node node) =>
        node.Inputs.Count < 2 ? null : node.Inputs.Select((_, i) => node.In(i)).Aggregate((sum, term) => sum + term);

    /// <summary>Of many elements: ones · X over the first axes, else Σ over the first axis of Σ over the others.</summary>
    private static Value? Reduced(OpBuilder op, Node node)
    {
        if (node.In(0).Shape is not { } shape || (shape.IsStatic && shape.Size.Value < FewElements)) return null;
        if (!node.TryInts("axes", 1, out long[]? given) || given is null) return null;
        long[] axes = [.. node.Axes(shape, given).Order().Select(axis => (long)axis)];
        if (!axes.Contains(0)) return null;
        if (axes[^1] == axes.Length - 1 && Product(op, node, shape, axes.Length) is { } sum) return sum;
        if (axes.Length < 2) return null;
        bool keepDims = node.Int("keepdims", 1) != 0;
        return op.ReduceSum(op.ReduceSum(node.In(0), axes[1..], keepDims), [0], keepDims);
    }

    /// <summary>ones [1, R] · X [R, P], R the rows that the first axes have.</summary>
    private static Value? Product(OpBuilder op, Node node, Shape shape, int axes)
    {
        if (node.In(0).Type != ElementType.Float || !shape.IsStatic || axes == shape.Rank) return null;
        long rows = shape.Extents()[..axes].Product();
        if (rows is < 1 or > OnesProducts.Most || node.Out(0).Shape is not { IsStatic: true } sums) return null;
        return op.Reshape(OnesProducts.Sum(op, op.Reshape(node.In(0), rows, -1), rows), sums.Extents());
    }
}
