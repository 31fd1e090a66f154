using System.Globalization;
using System.Text;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// A hash of everything a value is computed from: two values with one signature compute the same from the same inputs, whatever their names.
/// signature(value) = H(operator, attributes, signatures of the inputs) # output index.
/// </summary>
internal sealed class ConeSignatures
{
    private readonly Dictionary<Value, string> signatures = [];
    private readonly Dictionary<string, Value> bySignature = [];

    public ConeSignatures(Graph graph)
    {
        foreach (Value value in graph.Values)
            if (value.Producer is null) Note(value, Leaf(value));
        List<Node> open = [.. graph.Nodes];
        while (open.Count > 0)
        {
            int before = open.Count;
            open.RemoveAll(TryNote);
            if (open.Count == before) throw open[0].Refuse("the graph has a cycle through it");
        }
    }

    public string Of(Value? value) => value is null ? "" : signatures[value];

    /// <summary>A value with this signature, null where there is none.</summary>
    public Value? Find(string signature) => bySignature.GetValueOrDefault(signature);

    private bool TryNote(Node node)
    {
        if (!node.Inputs.OfType<Value>().Concat(node.Captured).All(signatures.ContainsKey)) return false;
        var text = new StringBuilder().Append(node.Op.ToString());
        foreach (NodeAttribute attribute in node.Attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
            text.Append('\n').Append(GraphContents.Digest(attribute));
        foreach (Value? input in node.Inputs.Concat(node.Captured)) text.Append('\n').Append(Of(input));
        string made = GraphContents.Digest(Encoding.UTF8.GetBytes(text.ToString()));
        foreach (Value output in node.Outputs.OfType<Value>())
            Note(output, string.Create(CultureInfo.InvariantCulture, $"{made}#{output.ProducerIndex}"));
        return true;
    }

    private void Note(Value value, string signature)
    {
        signatures[value] = signature;
        bySignature.TryAdd(signature, value);
    }

    private static string Leaf(Value value) =>
        value.IsGraphInput ? $"input {value.Name} {GraphContents.Digest(value)}" : GraphContents.Digest(value);
}
