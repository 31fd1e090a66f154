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
internal sealed class KeepBlocks
{
    private readonly Graph graph;
    private readonly int block;
    private readonly HashSet<Value> wanted;
    private readonly Dictionary<Value, Value> blocked = [];

    private KeepBlocks(Graph graph, int block) => (this.graph, this.block, wanted) = (graph, block, Wanted(graph));

    /// <param name="graph">A lowered graph with shapes, in order; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    public static void Apply(Graph graph, LoweringTarget target)
    {
        if (target.ChannelBlock == 0) return;
        var pass = new KeepBlocks(graph, target.ChannelBlock);
        foreach (Node node in graph.Nodes.ToArray()) pass.Visit(node);
        RemoveUnusedNodes.Apply(graph);
    }

    private void Visit(Node node)
    {
        if (IsReorder(node, "ReorderOutput")) blocked[node.Out(0)] = node.In(0);
        else if (IsReorder(node, "ReorderInput")) Enter(node);
        else if (BlockedRules.Images(node) is { } images && images.Any(blocked.ContainsKey)) Compute(node, images);
        else if (node.Op == "If") EnterBranches(node);
    }

    /// <summary>What is in blocks already need not enter them.</summary>
    private void Enter(Node node)
    {
        if (!blocked.TryGetValue(node.In(0), out Value? x)) return;
        node.Out(0).ReplaceAllUsesWith(x);
        graph.Remove(node);
    }

    /// <summary>Branches reduce blocks where they would reduce all of an image.</summary>
    private void EnterBranches(Node node)
    {
        foreach (Graph branch in node.Subgraphs)
        {
            foreach (Node inner in branch.Nodes.Where(BlockedRules.IsNorm))
            {
                Value captured = inner.In(0);
                if (captured.Producer is not null || !blocked.TryGetValue(graph.Get(captured.Name), out Value? x)) continue;
                inner.SetInput(0, branch.Capture(x));
                if (!captured.IsUsed) branch.Remove(captured);
            }
        }
        node.CaptureBySubgraphs();
    }

    /// <summary>A node that has images, some of them in blocks: a sum always, another where its output is wanted in blocks.</summary>
    private void Compute(Node node, IReadOnlyList<Value> images)
    {
        Value output = node.Out(0);
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        if (BlockedRules.IsSum(node))
        {
            LowerTrainingOps.Replace(graph, node, [BlockedRules.Sum(op, node, blocked[images[0]], block)]);
            return;
        }
        if (!wanted.Contains(output) || !images.All(image => blocked.ContainsKey(image) || image.Type == ElementType.Float)) return;

        var blocks = new ChannelBlocks(op, block);
        Value made = Activated(node) ?? BlockedRules.Emit(op, blocks, node, images.Distinct().ToDictionary(image => image, InBlocks));
        // Floats alone can be reordered: of others, who takes them in the plain layout takes them from the plain node.
        if (output.Type == ElementType.Float) LowerTrainingOps.Replace(graph, node, [blocks.Plain(made, made.Shape![1].Value)]);
        blocked[output] = made;

        Value InBlocks(Value image) => blocked.GetValueOrDefault(image) ?? blocks.Blocked(image);
    }

    /// <summary>A Relu of what a convolution makes for it alone is the convolution's own last step.</summary>
    private Value? Activated(Node node)
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
