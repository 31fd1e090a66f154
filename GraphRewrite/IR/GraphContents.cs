using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GraphRewrite.IR;

/// <summary>A hash of what subgraphs, tensors and opaque data hold: two of one hash compute the same.</summary>
internal static class GraphContents
{
    /// <summary>Of a graph: names, types and shapes of its inputs, stored data, nodes in order with their attributes, outputs.</summary>
    public static string Digest(Graph graph)
    {
        var text = new StringBuilder();
        foreach (Value input in graph.Inputs) text.Append(CultureInfo.InvariantCulture, $"input {input}\n");
        foreach (Value stored in graph.Initializers) text.Append(CultureInfo.InvariantCulture, $"initializer {stored.Name} {Digest(stored)}\n");
        foreach (Node node in graph.Nodes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{node.Op}({Names(node.Inputs)}) → {Names(node.Outputs)}");
            foreach (NodeAttribute attribute in node.Attributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal))
                text.Append(' ').Append(Digest(attribute));
            text.Append('\n');
        }
        return Digest(Encoding.UTF8.GetBytes(text.Append(CultureInfo.InvariantCulture, $"output {Names(graph.Outputs)}").ToString()));
    }

    /// <summary>Of an attribute: its name, type and value.</summary>
    public static string Digest(NodeAttribute attribute) => attribute.Value switch
    {
        Tensor tensor => $"{attribute.Name}={Digest(tensor)}",
        Graph or Graph[] => $"{attribute.Name}={string.Join(",", attribute.Subgraphs.Select(Digest))}",
        null => $"{attribute.Name}={Digest(attribute.Origin!.Contents.Span)}",
        { } value => $"{value.GetType().Name} {attribute}",
    };

    /// <summary>Of the stored data of a value; "" where it has none.</summary>
    public static string Digest(Value value) =>
        value.Initializer is { } tensor ? Digest(tensor) : value.OpaqueInitializer is { } opaque ? Digest(opaque.Contents.Span) : "";

    private static string Digest(Tensor tensor) => $"{tensor} {Digest(tensor.Data.Span)}";

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexString(SHA256.HashData(bytes));

    private static string Names(IEnumerable<Value?> values) => string.Join(',', values.Select(value => value?.Name));
}
