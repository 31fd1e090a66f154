using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Puts nodes in the order of their depth, the longest way to them from the graph's inputs. ONNX Runtime keeps those that are ready in a list that it
/// searches for every node: in the graph's own order all that a backward pass can do early stays in it, and a session takes quadratic time. For a
/// graph that runs a few times; one that trains keeps an order that needs less memory.
/// </summary>
internal static class DepthOrder
{
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
