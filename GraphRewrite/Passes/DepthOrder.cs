using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Puts nodes in the order of their depth, the longest way to them from the graph's inputs. ONNX Runtime keeps those that are ready in a list that it
/// searches for every node: in the graph's own order all that a backward pass can do early stays in it, and a session takes quadratic time. For a
/// graph that runs a few times, or whose session would take minutes to open; others keep an order that needs less memory.
/// </summary>
internal static class DepthOrder
{
    /// <summary>From here on a session opens faster by more than its steps may get slower: 75,000 nodes take 141 or 11 seconds.</summary>
    private const int Long = 20_000;

    /// <summary>The order of depth for a long graph, its own for others.</summary>
    /// <param name="graph">A sorted graph; changed in place.</param>
    public static void OfLong(Graph graph)
    {
        if (graph.Nodes.Count >= Long) Apply(graph);
    }

    /// <param name="graph">A sorted graph; changed in place.</param>
    public static void Apply(Graph graph)
    {
        var depths = new Dictionary<Node, int>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
        {
            IEnumerable<Node> producers = Walk.Operands(node).Select(value => value.Producer).OfType<Node>();
            depths[node] = producers.Select(producer => depths[producer] + 1).DefaultIfEmpty().Max();
        }
        graph.Reorder([.. graph.Nodes.OrderBy(node => depths[node])]);
    }
}
