using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>
/// Edges that one end knows and the other does not: inputs without their use, uses without their input, outputs of another producer.
/// </summary>
internal static class LinkOffenders
{
    public static IEnumerable<string> Of(Graph graph)
    {
        (HashSet<Node> nodes, HashSet<Value> inputs, HashSet<Value> outputs) = ([.. graph.Nodes], [.. graph.Inputs], [.. graph.Outputs]);
        var uses = new HashSet<(Value Value, Use Use)>();
        foreach (Value value in graph.Values)
        {
            foreach (Use use in value.Uses)
            {
                string noted = $"read by {use.Node} at {use.Index}";
                if (!nodes.Contains(use.Node) || Read(use) != value) yield return $"'{value.Name}' is noted as {noted}, and is not";
                if (!uses.Add((value, use))) yield return $"'{value.Name}' is noted twice as {noted}";
            }
            if (value.Producer is { } producer && (!nodes.Contains(producer) || producer.OutOrNull(value.ProducerIndex) != value))
                yield return $"'{value.Name}' is noted as output {value.ProducerIndex} of {producer}, and is not";
            if (value.IsGraphInput != inputs.Contains(value)) yield return $"'{value.Name}' and the graph do not agree whether it is an input";
            if (value.IsGraphOutput != outputs.Contains(value)) yield return $"'{value.Name}' and the graph do not agree whether it is an output";
        }
        foreach (Node node in graph.Nodes)
        {
            foreach ((Value value, Use use) in Reads(node))
                if (!uses.Contains((value, use))) yield return $"{node} reads '{value.Name}' at {use.Index}, which does not know it";
            for (int i = 0; i < node.Outputs.Count; i++)
                if (node.Outputs[i] is { } output && (output.Producer != node || output.ProducerIndex != i))
                    yield return $"{node} makes '{output.Name}' as its output {i}, which does not know it";
        }
    }

    private static Value? Read(Use use) => use.Index >= 0 ? use.Node.InOrNull(use.Index) : use.Node.Captured.ElementAtOrDefault(-1 - use.Index);

    private static IEnumerable<(Value Value, Use Use)> Reads(Node node)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
            if (node.Inputs[i] is { } value) yield return (value, new(node, i));
        for (int i = 0; i < node.Captured.Count; i++) yield return (node.Captured[i], new(node, -1 - i));
    }
}
