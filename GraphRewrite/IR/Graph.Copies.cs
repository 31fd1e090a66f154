namespace GraphRewrite.IR;

// A graph's copies: the whole of it, or values by name.
public sealed partial class Graph
{
    /// <summary>
    /// A copy that shares nothing that changes: values, nodes, subgraphs, names and the order of uses are its own; tensors and attributes, which
    /// never change, are shared. Takes time in the number of nodes and values, whatever the size of the tensors.
    /// </summary>
    public Graph Clone() => CloneInto(new(Name, Opsets));

    /// <summary>A copy as a subgraph of another graph.</summary>
    internal Graph CloneInside(Graph outer) => CloneInto(new(Name, outer));

    private Graph CloneInto(Graph copy)
    {
        copy.Metadata = Metadata;
        copy.Origin = Origin;
        copy.Reserved.UnionWith(Reserved);
        copy.nodeNames.UnionWith(nodeNames);
        foreach ((string name, int next) in nextValue) copy.nextValue[name] = next;
        foreach ((string name, int next) in nextNode) copy.nextNode[name] = next;

        var valueOf = new Dictionary<Value, Value>(values.Count);
        foreach (Value value in values.Values) valueOf[value] = copy.values[value.Name] = value.CopyInto(copy);
        copy.inputs.AddRange(inputs.Select(value => valueOf[value]));
        foreach (Value output in outputs) copy.MarkOutput(valueOf[output]);
        copy.initializers.AddRange(initializers.Select(value => valueOf[value]));

        var nodeOf = new Dictionary<Node, Node>(nodes.Count);
        foreach (Node node in nodes)
        {
            Node twin = node.CopyInto(copy, valueOf, subgraph => subgraph.CloneInside(copy));
            twin.Place = copy.nodes.AddLast(twin);
            nodeOf[node] = twin;
        }
        foreach ((Value value, Value twin) in valueOf) twin.CopyUses(value, nodeOf);
        return copy;
    }

    /// <summary>
    /// Takes values of another graph over, by name; among them the inputs and initializers, in order. Producers, uses and outputs are the caller's.
    /// </summary>
    internal void Adopt(Graph other, Predicate<Value> wanted)
    {
        foreach (Value value in other.Values)
            if (wanted(value)) values[value.Name] = value.CopyInto(this);
        inputs.AddRange(other.Inputs.Where(value => wanted(value)).Select(value => values[value.Name]));
        initializers.AddRange(other.Initializers.Where(value => wanted(value)).Select(value => values[value.Name]));
    }
}
