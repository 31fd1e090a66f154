using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Leaves out optional outputs that nobody uses where they cost time: a MaxPool that returns Indices takes five times as long as one that does not.
/// </summary>
internal static class RemoveUnusedOutputs
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Op != "MaxPool" || node.OutOrNull(1) is not { Uses.Count: 0, IsGraphOutput: false }) continue;
            node.TrimOutputs(1);
        }
    }
}
