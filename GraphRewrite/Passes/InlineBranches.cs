using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Passes;

/// <summary>
/// If(c) whose condition follows from the shapes (a squeeze of an axis that may be 1, as torchscript writes it) → the nodes of the branch that it
/// takes. Others stay.
/// </summary>
internal static class InlineBranches
{
    public static void Apply(Graph graph)
    {
        if (!graph.Nodes.Any(IsBranch)) return;
        ShapeInference.Apply(graph);
        while (graph.Nodes.FirstOrDefault(node => IsBranch(node) && Taken(node) is not null) is { } node)
        {
            Inline(graph, node, Taken(node)!);
            ShapeInference.Apply(graph);
        }
    }

    /// <summary>One If → the nodes of the branch that a condition takes.</summary>
    public static void Take(Graph graph, Node node, bool condition) => Inline(graph, node, BranchOf(node, condition)!);

    private static bool IsBranch(Node node) => node.Op == "If";

    /// <summary>The branch that a known condition takes; null where it is not known, or the branch holds data that is not modeled.</summary>
    private static Graph? Taken(Node node)
    {
        if (node.In(0).Elements is not [{ IsKnown: true } condition]) return null;
        Graph? branch = BranchOf(node, condition != 0);
        return branch?.Outputs.Count == node.Outputs.Count && branch.Initializers.All(stored => stored.Initializer is not null) ? branch : null;
    }

    private static Graph? BranchOf(Node node, bool condition)
    {
        string name = condition ? "then_branch" : "else_branch";
        return node.Attributes.FirstOrDefault(attribute => attribute.Name == name)?.Value as Graph;
    }

    /// <summary>The branch's names go under the node's; what it captures is the graph's.</summary>
    private static void Inline(Graph graph, Node node, Graph branch)
    {
        var names = new Dictionary<string, string>();
        foreach (Value captured in branch.Captures) names[captured.Name] = captured.Name;
        var copies = new NodeCopies(graph, node.Name, names);
        foreach (Value stored in branch.Initializers) copies.AddConstant(stored.Initializer!, stored.Name, before: node);
        foreach (Node inner in branch.Nodes) copies.Add(inner, before: node);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.OutOrNull(i) is not { } output) continue;
            node.SetOutput(i, null);
            if (!output.IsGraphOutput) output.Shape = null; // what the file declares may be the other branch's
            Value taken = graph.Get(names.GetValueOrDefault(branch.Outputs[i].Name, branch.Outputs[i].Name));
            graph.AddNode("Identity", $"{node.Name}/Identity", [taken], before: node).SetOutput(0, output);
        }
        graph.Remove(node);
    }
}
