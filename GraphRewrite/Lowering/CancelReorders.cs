using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>Values that leave the NCHWc layout and enter it again stay in it: ReorderInput(ReorderOutput(X)) = X.</summary>
internal static class CancelReorders
{
    /// <param name="graph">A lowered graph; changed in place.</param>
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => IsReorder(node, "ReorderInput")).ToArray())
            if (node.In(0).Producer is { } made && IsReorder(made, "ReorderOutput")) LowerTrainingOps.Replace(graph, node, [made.In(0)]);
    }

    private static bool IsReorder(Node node, string type) => node.Op == $"{OpId.Nchwc}::{type}" && node.Int("channels_last", 0) == 0;
}
