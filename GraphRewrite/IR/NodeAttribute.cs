namespace GraphRewrite.IR;

/// <summary>
/// A named attribute, which never changes: a long, float, string, long[], float[], string[], Tensor, Graph or Graph[]. Anything else (types, sparse
/// tensors, several tensors, a reference to an attribute of the call) is carried along as it was read, with a null <see cref="Value"/>.
/// </summary>
public sealed class NodeAttribute
{
    /// <summary>An attribute of one of ONNX's types; bool, int, double, element types and sequences of numbers are converted.</summary>
    /// <exception cref="ArgumentException">ONNX has no attribute of this type.</exception>
    public NodeAttribute(string name, object value)
    {
        Name = name;
        Value = value switch
        {
            long or float or string or long[] or float[] or string[] or Tensor or Graph or Graph[] => value,
            int number => (long)number,
            bool flag => flag ? 1L : 0L,
            double number => (float)number,
            ElementType type => (long)type,
            IEnumerable<int> numbers => numbers.Select(number => (long)number).ToArray(),
            IEnumerable<long> numbers => numbers.ToArray(),
            IEnumerable<float> numbers => numbers.ToArray(),
            IEnumerable<string> texts => texts.ToArray(),
            _ => throw new ArgumentException($"No ONNX attribute holds a {value.GetType()}."),
        };
    }

    internal NodeAttribute(string name, object? value, Opaque origin, string? reference = null)
    {
        Name = name;
        Value = value;
        Origin = origin;
        Reference = reference;
    }

    /// <summary>Its name, which no other attribute of the node has.</summary>
    public string Name { get; }

    /// <summary>A long, float, string, long[], float[], string[], Tensor, Graph or Graph[]; null for what is only carried along.</summary>
    public object? Value { get; }

    /// <summary>In a function's body: the attribute of the call whose value this one takes.</summary>
    public string? Reference { get; }

    /// <summary>The graphs inside (of If, Loop, Scan).</summary>
    public IReadOnlyList<Graph> Subgraphs => Value switch { Graph graph => [graph], Graph[] graphs => graphs, _ => [] };

    /// <summary>What it was read from, written again as it was.</summary>
    internal Opaque? Origin { get; }

    /// <summary>The same under another name.</summary>
    internal NodeAttribute Named(string name) => name == Name ? this : Value is { } value ? new(name, value) : new(name, null, Origin!, Reference);

    /// <summary>The same with every graph replaced.</summary>
    internal NodeAttribute WithSubgraphs(Func<Graph, Graph> replace)
    {
        object? replaced = Value switch
        {
            Graph graph => replace(graph),
            Graph[] graphs => Array.ConvertAll(graphs, graph => replace(graph)),
            _ => null,
        };
        return replaced is null ? this : Origin is { } origin ? new(Name, replaced, origin, Reference) : new(Name, replaced);
    }

    /// <summary>Whether two attributes have the same name and value.</summary>
    internal bool SameAs(NodeAttribute other) =>
        Name == other.Name && (Value, other.Value) switch
        {
            (long[] a, long[] b) => a.AsSpan().SequenceEqual(b),
            (float[] a, float[] b) => a.AsSpan().SequenceEqual(b),
            (string[] a, string[] b) => a.AsSpan().SequenceEqual(b),
            (Tensor a, Tensor b) => a.Type == b.Type && a.Dims.SequenceEqual(b.Dims) && a.Data.Span.SequenceEqual(b.Data.Span),
            (Graph or Graph[], Graph or Graph[]) =>
                Subgraphs.Select(GraphContents.Digest).SequenceEqual(other.Subgraphs.Select(GraphContents.Digest)),
            (null, null) => Origin!.SameAs(other.Origin!),
            (null, _) or (_, null) => false,
            _ => Value.Equals(other.Value),
        };

    /// <summary>Name and value, for messages and debuggers.</summary>
    public override string ToString() => Value switch
    {
        long[] values => $"{Name}=[{string.Join(",", values)}]",
        float[] values => FormattableString.Invariant($"{Name}=[{string.Join(",", values)}]"),
        string[] values => $"{Name}=[{string.Join(",", values)}]",
        Graph or Graph[] => $"{Name}={string.Join(",", Subgraphs.Select(graph => $"graph '{graph.Name}'"))}",
        null => $"{Name}={Origin!.Kind}",
        _ => FormattableString.Invariant($"{Name}={Value}"),
    };
}
