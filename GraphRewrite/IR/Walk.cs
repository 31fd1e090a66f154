namespace GraphRewrite.IR;

/// <summary>The ways through a graph: up to what a value is made from, down to what is made from it, through views, into subgraphs.</summary>
internal static class Walk
{
    /// <summary>Operators that give a value another shape, order, type or name and leave its numbers as they are.</summary>
    private static readonly HashSet<string> Views = ["Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Cast", "CastLike"];

    /// <summary>Whether a node only passes its first input's numbers on.</summary>
    public static bool IsView(Node node) => node.Op.Domain == OpId.Onnx && Views.Contains(node.Op.Type);

    /// <summary>A value, what it is a view of, and so on up to the value that no view makes.</summary>
    public static IEnumerable<Value> ViewsUp(Value value)
    {
        for (Value? at = value; at is not null; at = at.Producer is { } producer && IsView(producer) ? producer.In(0) : null) yield return at;
    }

    /// <summary>The value behind Identity nodes.</summary>
    public static Value Unnamed(Value value)
    {
        while (value.Producer is { Op: { Domain: OpId.Onnx, Type: "Identity" } } identity) value = identity.In(0);
        return value;
    }

    /// <summary>Where a value or a view of it is used by a node that is no view; subgraphs are left out.</summary>
    public static IEnumerable<Use> UsesThroughViews(Value value) => value.Uses.Where(use => use.Index >= 0).SelectMany(use =>
        use.Index == 0 && IsView(use.Node) && use.Node.OutOrNull(0) is { } view ? UsesThroughViews(view) : [use]);

    /// <summary>What a node reads: its inputs, and what its subgraphs capture.</summary>
    public static IEnumerable<Value> Operands(Node node) => node.Inputs.OfType<Value>().Concat(node.Captured);

    /// <summary>The given values and all that they are computed from, nearest first.</summary>
    public static IReadOnlyList<Value> Upstream(params IEnumerable<Value> of)
    {
        var order = of.Distinct().ToList();
        var seen = new HashSet<Value>(order);
        for (int i = 0; i < order.Count; i++)
            if (order[i].Producer is { } producer) order.AddRange(Operands(producer).Where(seen.Add));
        return order;
    }

    /// <summary>The given values and all that is computed from them.</summary>
    /// <param name="from">The values.</param>
    /// <param name="stop">Values behind which the walk does not go on.</param>
    public static HashSet<Value> Downstream(IEnumerable<Value> from, Predicate<Value>? stop = null)
    {
        var seen = new HashSet<Value>(from);
        var open = new Stack<Value>(seen);
        while (open.TryPop(out Value? value))
        {
            if (stop?.Invoke(value) == true) continue;
            foreach (Value output in value.Uses.SelectMany(use => use.Node.Outputs).OfType<Value>())
                if (seen.Add(output)) open.Push(output);
        }
        return seen;
    }

    /// <summary>The nodes of a node's subgraphs and of theirs, each before those inside it.</summary>
    public static IEnumerable<Node> NodesInside(Node node) =>
        node.Subgraphs.SelectMany(subgraph => subgraph.Nodes).SelectMany(inner => NodesInside(inner).Prepend(inner));
}
