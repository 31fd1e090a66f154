using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>Puts every node after the nodes it needs, and otherwise leaves the order as it is (so that equal graphs sort equally).</summary>
internal static class TopologicalSort
{
    /// <exception cref="GraphRewriteException">The graph has a cycle.</exception>
    public static void Apply(Graph graph)
    {
        var position = new Dictionary<Node, int>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes) position[node] = position.Count;

        Dictionary<Node, int> missing = graph.Nodes.ToDictionary(node => node, node => Producers(node).Count());
        ILookup<Node, Node> consumers = graph.Nodes.SelectMany(node => Producers(node).Select(producer => (producer, node)))
            .ToLookup(pair => pair.producer, pair => pair.node);
        var ready = new PriorityQueue<Node, int>(missing.Where(pair => pair.Value == 0).Select(pair => (pair.Key, position[pair.Key])));
        var order = new List<Node>(graph.Nodes.Count);
        while (ready.TryDequeue(out Node? node, out _))
        {
            order.Add(node);
            foreach (Node consumer in consumers[node])
                if (--missing[consumer] == 0) ready.Enqueue(consumer, position[consumer]);
        }

        if (order.Count < graph.Nodes.Count)
            throw new GraphRewriteException($"The graph '{graph.Name}' has a cycle through node {missing.First(pair => pair.Value > 0).Key}.");
        graph.Reorder(order);
    }

    private static IEnumerable<Node> Producers(Node node) =>
        Walk.Operands(node).Select(value => value.Producer).OfType<Node>().Distinct();
}
