using Google.Protobuf;
using GraphRewrite.Protos;

namespace GraphRewrite.IR;

/// <summary>
/// A named attribute: a long, float, string, long[], float[], string[] or Tensor. Anything else (subgraphs, types, sparse tensors)
/// is carried along as it was read, with a null <see cref="Value"/>.
/// </summary>
public sealed class NodeAttribute
{
    public NodeAttribute(string name, object value)
    {
        Name = name;
        Value = value switch
        {
            long or float or string or long[] or float[] or string[] or Tensor => value,
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

    internal NodeAttribute(AttributeProto source, object? value)
    {
        Name = source.Name;
        Source = source;
        Value = value;
    }

    public string Name { get; }

    public object? Value { get; }

    /// <summary>The message it was read from, written again as it was.</summary>
    internal AttributeProto? Source { get; }

    /// <summary>The graphs inside (of If, Loop, Scan).</summary>
    internal IEnumerable<GraphProto> Subgraphs => Source is null ? [] : Source.G is { } graph ? [graph, .. Source.Graphs] : Source.Graphs;

    /// <summary>Whether two attributes have the same name and value.</summary>
    public bool SameAs(NodeAttribute other) =>
        Name == other.Name && (Value, other.Value) switch
        {
            (long[] a, long[] b) => a.AsSpan().SequenceEqual(b),
            (float[] a, float[] b) => a.AsSpan().SequenceEqual(b),
            (string[] a, string[] b) => a.AsSpan().SequenceEqual(b),
            (Tensor a, Tensor b) => a.Type == b.Type && a.Dims.SequenceEqual(b.Dims) && a.Data.Span.SequenceEqual(b.Data.Span),
            (null, null) => Source!.Equals(other.Source),
            (null, _) or (_, null) => false,
            _ => Value.Equals(other.Value),
        };

    public override string ToString() => Value switch
    {
        long[] values => $"{Name}=[{string.Join(",", values)}]",
        float[] values => FormattableString.Invariant($"{Name}=[{string.Join(",", values)}]"),
        string[] values => $"{Name}=[{string.Join(",", values)}]",
        null => $"{Name}={Source!.Type}",
        _ => FormattableString.Invariant($"{Name}={Value}"),
    };

    internal static ByteString Utf8(string text) => ByteString.CopyFromUtf8(text);
}
