using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Lowering;

/// <summary>Gives every Conv of known extents its formulation; the name of its output stays.</summary>
internal static class ConvLowering
{
    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <returns>What was chosen for each Conv.</returns>
    public static IReadOnlyList<FormChoice> Apply(Graph graph, LoweringTarget target)
    {
        var context = new LoweringContext(target);
        Apply(graph, context);
        return context.Choices;
    }

    internal static void Apply(Graph graph, LoweringContext context)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Conv" && HasExtents(node)).ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            var conv = new ForwardConvolution(node);
            Value y = context.Emit(FormulationTable.Convolution, op, node, conv)![0];
            if (y == conv.Y) continue; // ONNX's own Conv stays
            graph.Redefine(conv.Y, y);
            graph.Remove(node);
        }
    }

    private static bool HasExtents(Node node) =>
        node.In(1).Shape is { IsStatic: true, Rank: > 2 } && node.In(0).Shape?.Skip(2).KnownExtents() is not null;
}
