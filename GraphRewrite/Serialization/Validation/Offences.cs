using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>What a model does against ONNX's rules: all of it in one message, the first in words and the rest by its number.</summary>
internal sealed class Offences
{
    private readonly List<Finding> shown = [];
    private int count;

    public void Add(Finding offence)
    {
        count++;
        if (shown.Count <= ErrorText.Shown) shown.Add(offence);
    }

    /// <summary>An offence of a graph, function or the model itself.</summary>
    /// <param name="where">Which, and what it stands in; "" for the model's own graph.</param>
    /// <param name="found">What was found there.</param>
    public void Add(string where, Phrase found) => Add(new Finding(where.Length == 0 ? found : $"{where}: {found}"));

    /// <summary>An offence of a node; one without a name goes by what it makes.</summary>
    public void Add(string where, NodeProto node, long opset, Phrase found)
    {
        string name = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(output => output.Length > 0) ?? "";
        string op = new OpId(OpId.FoldDomain(node.Domain), node.OpType).ToString();
        Add(new Finding(where.Length == 0 ? found : $"{found} ({where})") { Place = new() { Node = name, Operator = op, Opset = opset } });
    }

    /// <exception cref="GraphRewriteException">There is an offence.</exception>
    public void ThrowIfAny()
    {
        if (count == 0) return;
        if (count == 1) throw new GraphRewriteException(shown[0].Remedy is null ? shown[0] with { Remedy = Refusals.NotValid } : shown[0]);
        IReadOnlyList<Finding> rest = [.. Enumerable.Repeat(shown[^1], count - shown.Count)];
        throw new GraphRewriteException(new Finding($"{count} offences against ONNX's rules", Refusals.NotValid)
        {
            Inner = [.. shown, .. rest],
            InLines = true,
        });
    }
}
