using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>Names that two nodes or two values have, and values that their graph does not know by their name.</summary>
internal static class NameOffenders
{
    public static IEnumerable<string> Of(Graph graph)
    {
        // Files may leave the names of nodes out.
        IEnumerable<string> nodes = graph.Nodes.Where(node => node.Name.Length > 0)
            .GroupBy(node => node.Name)
            .Where(group => group.Skip(1).Any())
            .Select(group => $"{group.Count()} nodes are named '{group.Key}'");
        IEnumerable<string> values = Reached(graph)
            .GroupBy(value => value.Name)
            .Where(group => group.Skip(1).Any())
            .Select(group => $"{group.Count()} values are named '{group.Key}'");
        IEnumerable<string> lost = Reached(graph)
            .Where(value => graph.Find(value.Name) != value)
            .Select(value => $"the graph does not know '{value.Name}'{(value.Producer is { } producer ? $", which {producer} makes" : "")}");
        return nodes.Concat(values).Concat(lost);
    }

    /// <summary>Every value that the graph or one of its nodes holds, once.</summary>
    private static IEnumerable<Value> Reached(Graph graph) => graph.Nodes
        .SelectMany(node => node.Inputs.Concat(node.Outputs).OfType<Value>().Concat(node.Captured))
        .Concat(graph.Inputs).Concat(graph.Outputs).Concat(graph.Initializers)
        .Distinct();
}
