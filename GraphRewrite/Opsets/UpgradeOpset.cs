using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Opsets;

/// <summary>
/// Brings the ONNX-domain nodes of a graph to one opset, in place, so that gradients and lowerings know one form of every operator.
/// Newer graphs come down where the newer operators differ in types alone or can be written with older ones.
/// </summary>
internal static class UpgradeOpset
{
    /// <summary>The opset that everything behind this pass is written for.</summary>
    public const long Target = 21;

    /// <summary>What PyTorch still wrote when it began to export training graphs.</summary>
    public const long Oldest = 11;

    /// <summary>What ONNX Runtime 1.31.1 takes.</summary>
    public const long Newest = 26;

    /// <summary>What works for every node that this pass refuses.</summary>
    internal static Phrase Remedy { get; } = $"Export the model with opset {Target}";

    /// <exception cref="GraphRewriteException">The opset is out of range, or an operator has no form at the target.</exception>
    public static void Apply(Graph graph) => Stage.OpsetUpgrade.During(() => Upgrade(graph));

    private static void Upgrade(Graph graph)
    {
        long from = graph.OpsetOf(OpId.Onnx);
        if (from == Target) return;
        if (from is < Oldest or > Newest)
            throw graph.Refuse($"it is written in opset {from}; opsets {Oldest} to {Newest} are understood", $"Export it with opset {Target}");
        graph.Opsets[OpId.Onnx] = Target;
        List<Finding> refusals = [];
        foreach (Node node in graph.Nodes.SelectMany(node => Walk.NodesInside(node).Prepend(node)).ToArray())
        {
            if (OpsetUpgrades.Between(node.Op, from, Target) is not { } step) continue;
            try
            {
                Rewrite(node.Graph, node, step);
            }
            catch (GraphRewriteException refusal)
            {
                refusals.Add(refusal.Finding with { Place = node.Where() with { Opset = from } });
            }
        }
        if (refusals.Count > 0) throw Refusal(refusals);
    }

    private static GraphRewriteException Refusal(List<Finding> refusals)
    {
        if (refusals is [var single]) return new(single);
        return new(new Finding($"{refusals.Count} nodes have no form in opset {Target}", Remedy)
        {
            Inner = [.. refusals.Select(refusal => refusal with { Remedy = null })],
        });
    }

    private static void Rewrite(Graph graph, Node node, OpsetStep step)
    {
        // Names in a subgraph are also none of the graph around it.
        string prefix = graph.Outer is null ? node.Name : $"{graph.Name}/{node.Name}/opset{Target}";
        using OpBuilder op = graph.BuildBefore(node, prefix);
        if (step(op, node) is not { } replacement) return;
        for (int i = 1; i < node.Outputs.Count; i++) node.SetOutput(i, null); // a step that replaces a node has made sure that nobody reads them
        graph.Redefine(node.Out(0), replacement);
        graph.Remove(node);
    }
}
