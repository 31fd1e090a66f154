using GraphRewrite.IR;

namespace GraphRewrite.Passes.Contracts;

/// <summary>What can hold of a graph. Two conditions of one name are the same.</summary>
/// <param name="Name">One word, for a pipeline's table.</param>
/// <param name="Meaning">What holds, as a clause: "every node comes after the nodes that it reads".</param>
/// <param name="Offenders">The nodes and values of which it does not hold, each with the reason; none where it holds.</param>
internal sealed record Condition(string Name, string Meaning, Func<Graph, IEnumerable<string>> Offenders)
{
    /// <summary>A condition on the nodes: none is such a one.</summary>
    public static Condition NoNode(string name, string meaning, Func<Node, bool> offends) =>
        new(name, meaning, graph => graph.Nodes.Where(offends).Select(node => node.ToString()));

    public bool Equals(Condition? other) => other is not null && Name == other.Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;
}
