using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Rules;

namespace GraphRewrite.Lowering;

/// <summary>Replaces every node that a program has a lowering of its own for; the names of its outputs stay.</summary>
internal static class LowerCustomOperators
{
    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="operators">The program's rules.</param>
    public static void Apply(Graph graph, CustomOperators operators)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (!operators.Lowerings.TryGetValue(node.Op, out CustomLowering? rule)) continue;
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            LowerTrainingOps.Replace(graph, node, rule(op, node));
        }
    }
}
