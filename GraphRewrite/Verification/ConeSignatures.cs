using System.Globalization;
using System.Text;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// A hash of everything a value is computed from: two values with one signature compute the same from the same inputs, whatever their names and the
/// order of their nodes, branches of If and bodies of loops included. signature(value) = H(operator, attributes, signatures of the inputs) # output
/// index. Takes time in the number of nodes and edges.
/// </summary>
internal sealed class ConeSignatures
{
    private readonly Dictionary<Value, string> signatures = [];
    private readonly Dictionary<string, Value> bySignature = [];
    private readonly Func<string, string> captured;
    private readonly IReadOnlyDictionary<Value, string> inputs = new Dictionary<Value, string>();

    /// <param name="graph">A model's own graph.</param>
    /// <param name="inputs">What graph inputs are called where not by their names.</param>
    public ConeSignatures(Graph graph, IReadOnlyDictionary<Value, string>? inputs = null)
        : this(graph, name => throw new InvalidOperationException($"'{name}' is captured from no graph."), inputs)
    {
    }

    private ConeSignatures(Graph graph, Func<string, string> captured, IReadOnlyDictionary<Value, string>? inputs = null)
    {
        this.captured = captured;
        if (inputs is not null) this.inputs = inputs;
        foreach (Value value in graph.Values)
            if (value.Producer is null) Note(value, Leaf(value));
        var missing = new Dictionary<Node, int>();
        var ready = new Queue<Node>();
        foreach (Node node in graph.Nodes)
        {
            missing[node] = Walk.Operands(node).Count(value => value.Producer is not null);
            if (missing[node] == 0) ready.Enqueue(node);
        }
        while (ready.TryDequeue(out Node? node))
        {
            Note(node);
            missing.Remove(node);
            foreach (Use use in node.Outputs.OfType<Value>().SelectMany(output => output.Uses))
                if (--missing[use.Node] == 0) ready.Enqueue(use.Node);
        }
        if (missing.Count > 0) throw graph.Nodes.First(missing.ContainsKey).Refuse("the graph has a cycle through it");
    }

    public string Of(Value? value) => value is null ? "" : signatures[value];

    /// <summary>A value with this signature, null where there is none.</summary>
    public Value? Find(string signature) => bySignature.GetValueOrDefault(signature);

    /// <summary>What the graphs of an attribute compute, names aside.</summary>
    /// <param name="attribute">An attribute with graphs.</param>
    /// <param name="captured">The signature of what they capture, by name.</param>
    public static string OfBranches(NodeAttribute attribute, Func<string, string> captured)
    {
        var text = new StringBuilder(attribute.Name);
        foreach (Graph branch in attribute.Subgraphs)
        {
            var inside = new ConeSignatures(branch, captured);
            text.Append("\ngraph");
            foreach (Value input in branch.Inputs) text.Append(CultureInfo.InvariantCulture, $"\ninput {input.Type}{input.Shape}");
            foreach (Value output in branch.Outputs)
                text.Append(CultureInfo.InvariantCulture, $"\noutput {inside.Of(output)} {output.Type}{output.Shape}");
            IEnumerable<Value> made = branch.Values.Where(value => value.Producer is not null || value.IsInitializer);
            foreach (string all in made.Select(inside.Of).Order(StringComparer.Ordinal)) text.Append('\n').Append(all); // what leads nowhere, too
        }
        return GraphContents.Digest(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private void Note(Node node)
    {
        var text = new StringBuilder().Append(node.Op.ToString());
        foreach (NodeAttribute attribute in node.Attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
            text.Append('\n').Append(attribute.Subgraphs.Count > 0 ? OfBranches(attribute, Outside) : GraphContents.Digest(attribute));
        foreach (Value? input in node.Inputs) text.Append('\n').Append(Of(input));
        string made = GraphContents.Digest(Encoding.UTF8.GetBytes(text.ToString()));
        foreach (Value output in node.Outputs.OfType<Value>())
            Note(output, string.Create(CultureInfo.InvariantCulture, $"{made}#{output.ProducerIndex}"));

        string Outside(string name) => Of(node.Graph.Get(name));
    }

    private void Note(Value value, string signature)
    {
        signatures[value] = signature;
        bySignature.TryAdd(signature, value);
    }

    private string Leaf(Value value) =>
        value.IsGraphInput && value.Graph.Outer is null ? $"input {inputs.GetValueOrDefault(value, value.Name)} {GraphContents.Digest(value)}"
        : value.IsGraphInput ? $"input {value.Graph.Inputs.Index().First(input => input.Item == value).Index}"
        : value.IsInitializer ? GraphContents.Digest(value)
        : captured(value.Name);
}
