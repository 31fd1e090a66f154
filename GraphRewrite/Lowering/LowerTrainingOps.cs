using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Passes;

namespace GraphRewrite.Lowering;

/// <summary>Replaces every node that has a lowering rule; the names of its outputs stay. Expects the target's opset (see UpgradeOpset).</summary>
internal static class LowerTrainingOps
{
    /// <param name="graph">A graph with shapes; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <returns>The formulations that were chosen.</returns>
    public static IReadOnlyList<FormChoice> Apply(Graph graph, LoweringTarget target)
    {
        var context = new LoweringContext(target);
        Apply(graph, context);
        return context.Choices;
    }

    internal static void Apply(Graph graph, LoweringContext context)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (!LoweringRules.Table.TryGetValue(node.Op, out LoweringRule? rule)) continue;
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            Replace(graph, node, rule(op, node, context));
        }
        RemoveUnusedOutputs.Apply(graph);
    }

    /// <summary>Puts what was made in the place of a node.</summary>
    /// <exception cref="GraphRewriteException">The rule made nothing of an output that is used: the operator has none there.</exception>
    internal static void Replace(Graph graph, Node node, IReadOnlyList<Value?> lowered)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { IsUsed: true } output) continue;
            Value? made = i < lowered.Count ? lowered[i] : null;
            graph.Redefine(output, made ?? throw node.Refuse($"its output {i} is used, which the operator does not have"));
        }
        graph.Remove(node);
    }
}
