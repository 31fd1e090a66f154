using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Passes.Contracts;

/// <summary>The conditions that any stage may speak of; what only one stage promises stands beside its passes.</summary>
internal static class Conditions
{
    /// <summary>Of every graph at every time: no pass needs to promise it, none may break it.</summary>
    public static IReadOnlyList<Condition> Always { get; } =
    [
        new("Named", "no two values and no two nodes have the same name, and the graph finds every value by its name", NameOffenders.Of),
        new("Linked", "every edge is known at both its ends", LinkOffenders.Of),
    ];

    public static Condition Sorted { get; } = new("Sorted", "everything that a node reads is stored, fed or made before it", Unsorted);

    /// <summary>
    /// An operator without a shape rule (of another domain, with subgraphs, over sequences) excuses what it makes and what is made of it.
    /// </summary>
    public static Condition Typed { get; } = new(
        "Typed",
        "every value has the element type that shape inference finds",
        graph => Unknown(graph, value => value.Type != ElementType.Undefined, found => found.Type != ElementType.Undefined));

    /// <summary>As <see cref="Typed"/>: where a shape is computed, its length may not be known, and then neither is the rank.</summary>
    public static Condition Shaped { get; } = new(
        "Shaped",
        "every value has the rank that shape inference finds",
        graph => Unknown(graph, value => value.Shape is not null, found => found.Shape is not null));

    public static Condition NoUnused { get; } = new("NoUnused", "every node and every initializer is used or an output", Unused);

    /// <summary>The opset of ONNX's own domain.</summary>
    public static Condition Opset(long version) => new(
        $"Opset{version}",
        $"the graph is written in opset {version}",
        graph => graph.OpsetOf(OpId.Onnx) == version ? [] : [$"graph '{graph.Name}' is in opset {graph.OpsetOf(OpId.Onnx)}"]);

    private static IEnumerable<string> Unsorted(Graph graph)
    {
        var made = new HashSet<Node>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
        {
            foreach (Value read in node.Inputs.OfType<Value>().Concat(node.Captured))
            {
                if (read.Producer is { } producer)
                {
                    if (!made.Contains(producer)) yield return $"{node} reads '{read.Name}', which {producer} makes later";
                }
                else if (!read.IsInitializer && !read.IsGraphInput)
                {
                    yield return $"{node} reads '{read.Name}', which nothing makes";
                }
            }
            made.Add(node);
        }
        foreach (Value output in graph.Outputs)
            if (output is { Producer: null, IsInitializer: false, IsGraphInput: false }) yield return $"output '{output.Name}', which nothing makes";
    }

    /// <summary>What values do not say, although inference from the producers' inputs would.</summary>
    private static IEnumerable<string> Unknown(Graph graph, Func<Value, bool> isKnown, Func<ValueInfo, bool> isFound)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Outputs.OfType<Value>().All(isKnown) || !ShapeRules.Table.TryGetValue(node.Op, out ShapeRule? infer)) continue;
            IReadOnlyList<ValueInfo> found = infer(node);
            for (int i = 0; i < Math.Min(found.Count, node.Outputs.Count); i++)
                if (node.Outputs[i] is { } output && !isKnown(output) && isFound(found[i])) yield return $"'{output.Name}', which {node} makes";
        }
    }

    private static IEnumerable<string> Unused(Graph graph)
    {
        IEnumerable<string> nodes = graph.Nodes
            .Where(node => !node.Outputs.OfType<Value>().Any(output => output.IsUsed))
            .Select(node => node.ToString());
        IEnumerable<string> initializers = graph.Initializers
            .Where(value => value is { Uses.Count: 0, IsGraphInput: false, IsGraphOutput: false })
            .Select(value => $"initializer '{value.Name}'");
        return nodes.Concat(initializers);
    }
}
