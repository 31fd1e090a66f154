namespace GraphRewrite.IR.Building;

/// <summary>Where nodes are emitted in a graph.</summary>
public static class GraphBuilding
{
    /// <summary>A builder that emits before a node, or at the end of the graph; names begin with the prefix. Dispose it when done.</summary>
    public static OpBuilder BuildBefore(this Graph graph, Node? place, string prefix) => new(graph, place, prefix);

    /// <summary>A builder that emits at the end of the graph.</summary>
    public static OpBuilder BuildAtEnd(this Graph graph, string prefix) => graph.BuildBefore(null, prefix);
}
