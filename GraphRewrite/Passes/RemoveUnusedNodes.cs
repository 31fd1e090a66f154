using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>Removes nodes none of whose outputs is used or a graph output, then initializers that nobody uses.</summary>
internal static class RemoveUnusedNodes
{
    public static void Apply(Graph graph)
    {
        var candidates = new Stack<Node>(graph.Nodes);
        var removed = new HashSet<Node>();
        while (candidates.TryPop(out Node? node))
        {
            if (removed.Contains(node) || node.Outputs.OfType<Value>().Any(output => output.IsUsed)) continue;
            Node[] producers = [.. Walk.Operands(node).Select(value => value.Producer).OfType<Node>()];
            graph.Remove(node);
            removed.Add(node);
            foreach (Node producer in producers) candidates.Push(producer);
        }
        foreach (Value initializer in graph.Initializers.ToArray())
            if (initializer is { Uses.Count: 0, IsGraphOutput: false, IsGraphInput: false }) graph.Remove(initializer);
    }
}
