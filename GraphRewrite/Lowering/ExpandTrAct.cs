using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Gram;
using GraphRewrite.Kernels.Solve;

namespace GraphRewrite.Lowering;

/// <summary>Replaces the rewrite's own operators by standard ones. Without a target: by those that every runtime since 1.19.2's training build has.</summary>
public static class ExpandTrAct
{
    public static void Apply(Graph graph, LoweringTarget? target = null) => Apply(graph, target, target?.Forms ?? new());

    internal static void Apply(Graph graph, LoweringTarget? target, Formulations forms)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op.Domain == OpId.TrAct).ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            IReadOnlyList<Value> made = node.Op.Type switch
            {
                "PatchGram" => PatchGramForms.Choose(node, target, forms).Build(op, node),
                "PatchRows" => PatchGramForms.Rows(op, node, target, forms),
                "SolveSpd" => [SolveSpdForms.Choose(node, target, forms).Build(op, node)],
                _ => throw new InvalidOperationException($"{node} has no expansion."),
            };
            for (int i = 0; i < made.Count; i++)
                if (node.Out(i) is { } output && (output.Uses.Count > 0 || output.IsGraphOutput)) graph.Redefine(output, made[i]);
            graph.Remove(node);
        }
        graph.Opsets.Remove(OpId.TrAct);
    }
}
