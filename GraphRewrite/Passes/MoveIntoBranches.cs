using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// What only the branches of one If read is computed in them: not at all where a branch is taken that does not read it. What several If nodes read
/// stays, or it might be computed more than once.
/// </summary>
internal static class MoveIntoBranches
{
    /// <param name="graph">The graph, in order; changed in place.</param>
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Reverse().ToArray()) // what a moved node reads may then be for branches alone, too
            if (node.Outputs is [{ IsGraphOutput: false, Uses: [{ Index: < 0 } use] }] && use.Node.Op == "If" && !node.Subgraphs.Any())
                Move(node, use.Node);
    }

    private static void Move(Node node, Node reader)
    {
        foreach (Graph branch in reader.Subgraphs)
            if (branch.Find(node.Out(0).Name) is { Producer: null } captured) Copy(node, branch, captured);
        reader.CaptureBySubgraphs();
        node.Graph.Remove(node);
    }

    private static void Copy(Node node, Graph branch, Value captured)
    {
        IEnumerable<Value?> inputs = node.Inputs.Select(input => input is null ? null : branch.Capture(input));
        Node copy = branch.AddNode(node.Op, node.Name, [.. inputs], before: branch.Nodes.FirstOrDefault());
        foreach (NodeAttribute attribute in node.Attributes) copy.Add(attribute);
        copy.SetOutput(0, captured);
    }
}
