using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Copies nodes of a function's body or of a branch into a graph, under other names. A name that is not known yet goes under a prefix.
/// </summary>
/// <param name="into">The graph that gets them.</param>
/// <param name="prefix">What stands before new names.</param>
/// <param name="names">Names there → names in the graph; new ones are added. "" leaves an input out.</param>
/// <param name="attributes">What attributes that refer to a call's take.</param>
internal sealed class NodeCopies(
    Graph into, string prefix, Dictionary<string, string> names, IReadOnlyDictionary<string, NodeAttribute>? attributes = null)
{
    /// <summary>Adds a copy, its own name under the prefix.</summary>
    public void Add(Node node, Node? before = null) => Add(node, $"{prefix}/{node.WrittenName ?? node.Name}", before);

    /// <summary>Stored data as a node, its name under the prefix.</summary>
    public void AddConstant(Tensor tensor, string name, Node before)
    {
        string own = NameOf(name);
        Node constant = into.AddNode("Constant", own, [], before);
        constant.SetAttribute("value", tensor);
        constant.SetOutput(0, into.GetOrAddValue(own));
    }

    /// <summary>Adds a node to another graph as it is; its values go by their names, its subgraphs are the given copies.</summary>
    public static void AddUnchanged(Graph into, Node node, Func<Graph, Graph> subgraphCopy)
    {
        string name = node.WrittenName ?? node.Name;
        Node copy = Add(into, node, name, name => name, own => own.WithSubgraphs(subgraphCopy), before: null);
        if (copy.Name != name) copy.WrittenName = name;
    }

    /// <summary>The name that a value has in the graph: a new one gets the prefix, and a number where that is taken.</summary>
    public string NameOf(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = into.NewValue($"{prefix}/{name}").Name;

    private void Add(Node node, string name, Node? before) =>
        Add(into, node, name, NameOf, attribute => Resolved(attribute)?.WithSubgraphs(Renamed), before);

    private static Node Add(
        Graph into, Node node, string name, Func<string, string> nameOf, Func<NodeAttribute, NodeAttribute?> attributeOf, Node? before)
    {
        Node copy = into.AddNode(node.Op, name, node.Inputs.Select(Input), before);
        (copy.Metadata, copy.Origin) = (node.Metadata, node.Origin);
        foreach (NodeAttribute attribute in node.Attributes)
            if (attributeOf(attribute) is { } own) copy.Add(own);
        copy.CaptureBySubgraphs();
        copy.SetOutputs(node.Outputs.Select(output => output is null ? "" : nameOf(output.Name)));
        return copy;

        Value? Input(Value? input) => input is not null && nameOf(input.Name) is { Length: > 0 } used ? into.GetOrAddValue(used) : null;
    }

    /// <summary>An attribute that refers to the call's takes its value; none where the call leaves it out.</summary>
    private NodeAttribute? Resolved(NodeAttribute attribute) => attribute.Reference is not { } reference ? attribute
        : attributes?.TryGetValue(reference, out NodeAttribute? given) == true ? given.Named(attribute.Name)
        : null;

    /// <summary>In a subgraph all names but those of its own inputs and initializers are those around it.</summary>
    private Graph Renamed(Graph subgraph)
    {
        var renamed = new Graph(subgraph.Name, into) { Metadata = subgraph.Metadata, Origin = subgraph.Origin };
        renamed.Adopt(subgraph, value => value.IsGraphInput || value.IsInitializer);
        var inner = new Dictionary<string, string>(names);
        foreach (Value own in renamed.Values) inner[own.Name] = own.Name;
        var copies = new NodeCopies(renamed, prefix, inner, attributes);
        foreach (Node node in subgraph.Nodes) copies.Add(node, node.WrittenName ?? node.Name, before: null);
        foreach (Value output in subgraph.Outputs)
        {
            Value handed = renamed.GetOrAddValue(inner.GetValueOrDefault(output.Name, output.Name));
            (handed.Type, handed.Shape) = (output.Type, output.Shape);
            renamed.MarkOutput(handed);
        }
        return renamed;
    }
}
