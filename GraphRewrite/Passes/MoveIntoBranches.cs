using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// What only the branches of If nodes read is computed in them: not at all where another branch is taken. In each branch that reads it, once for each.
/// </summary>
internal static class MoveIntoBranches
{
    /// <param name="graph">The graph, in order; changed in place.</param>
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Reverse().ToArray()) // what a moved node reads may then be for branches alone, too
            if (node.Outputs is [{ IsGraphOutput: false, Uses: [_, ..] uses }] && uses.All(IsOfBranch) && !node.Subgraphs.Any()) Move(graph, node);
    }

    private static bool IsOfBranch(Use use) => use.Index < 0 && use.Node.Op == "If";

    private static void Move(Graph graph, Node node)
    {
        Value output = node.Out(0);
        Node[] readers = [.. output.Uses.Select(use => use.Node)];
        foreach (Node reader in readers)
        {
            foreach (Graph branch in reader.Subgraphs)
                if (branch.Find(output.Name) is { Producer: null } captured) Copy(node, branch, captured);
            reader.CaptureBySubgraphs();
        }
        graph.Remove(node);
    }

    private static void Copy(Node node, Graph branch, Value captured)
    {
        Node copy = branch.AddNode(node.Op, node.Name, [.. node.Inputs.Select(input => input is null ? null : branch.Capture(input))], branch.Nodes.First());
        foreach (NodeAttribute attribute in node.Attributes) copy.Add(attribute);
        copy.SetOutput(0, captured);
    }
}
