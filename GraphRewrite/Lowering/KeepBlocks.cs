using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Passes;

namespace GraphRewrite.Lowering;

/// <summary>
/// Values stay in NCHWc blocks on the way from one convolution to the next: ReorderInput(ReorderOutput(X)) = X, and what lies between,
/// normalizations, activations, residual sums, is computed in blocks (see <see cref="BlockedRules"/>).
/// </summary>
internal static class KeepBlocks
{
    /// <param name="graph">A lowered graph with shapes, in order; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.ChannelBlock == 0) return;
        HashSet<Value> wanted = Wanted(graph);
        var blocked = new Dictionary<Value, Value>();
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (IsReorder(node, "ReorderOutput"))
            {
                blocked[node.Out(0)] = node.In(0);
            }
            else if (IsReorder(node, "ReorderInput"))
            {
                if (!blocked.TryGetValue(node.In(0), out Value? x)) continue;
                node.Out(0).ReplaceAllUsesWith(x);
                graph.Remove(node);
            }
            else if (BlockedRules.Images(node) is { } images && images.Any(blocked.ContainsKey))
            {
                Value output = node.Out(0);
                using OpBuilder op = graph.BuildBefore(node, node.Name);
                var blocks = new ChannelBlocks(op, target.ChannelBlock);
                if (BlockedRules.IsSum(node))
                {
                    LowerTrainingOps.Replace(graph, node, [BlockedRules.Sum(op, node, blocked[images[0]], target.ChannelBlock)]);
                }
                else if (wanted.Contains(output) && images.All(image => blocked.ContainsKey(image) || image.Type == ElementType.Float))
                {
                    Value made = Activated(node, blocked)
                        ?? BlockedRules.Emit(op, node, image => blocked.TryGetValue(image, out Value? x) ? x : blocks.Blocked(image));
                    // Floats alone can be reordered: of others, who takes them in the plain layout takes them from the plain node.
                    if (output.Type == ElementType.Float) LowerTrainingOps.Replace(graph, node, [blocks.Plain(made, made.Shape![1].Value)]);
                    blocked[output] = made;
                }
            }
        }
        RemoveUnusedNodes.Apply(graph);
    }

    /// <summary>A Relu of what a convolution makes for it alone is the convolution's own last step.</summary>
    private static Value? Activated(Node node, Dictionary<Value, Value> blocked)
    {
        Value x = node.In(0);
        if (node.Op != "Relu" || x is not { Uses.Count: 1, IsGraphOutput: false } || !blocked.TryGetValue(x, out Value? made)) return null;
        if (made is not { Uses.Count: 1, Producer: { } conv } || conv.Op != $"{OpId.Nchwc}::Conv") return null;
        conv.SetAttribute("activation", "Relu");
        return made;
    }

    /// <summary>What is wanted in blocks: by a node that reorders it, or by one that can compute what is wanted of it.</summary>
    private static HashSet<Value> Wanted(Graph graph)
    {
        var wanted = new HashSet<Value>();
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (IsReorder(node, "ReorderInput")) wanted.Add(node.In(0));
            else if (node.Outputs is [{ } output] && wanted.Contains(output)) wanted.UnionWith(BlockedRules.Images(node) ?? []);
        }
        return wanted;
    }

    private static bool IsReorder(Node node, string type) => node.Op == $"{OpId.Nchwc}::{type}" && node.Int("channels_last", 0) == 0;
}
