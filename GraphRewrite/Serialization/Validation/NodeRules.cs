using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>
/// What a node must keep to by itself: an operator, as many inputs and outputs as that has, none left out that it needs, its attributes.
/// </summary>
/// <param name="functions">The model's functions.</param>
/// <param name="opsets">The operator sets of the graph or function that the node stands in.</param>
/// <param name="inFunction">Whether it stands in a function.</param>
internal sealed class NodeRules(FunctionTable functions, IReadOnlyDictionary<string, long> opsets, bool inFunction)
{
    /// <summary>Of a node or function in this project's own domain.</summary>
    public const string Reserved = $"the domain '{OpId.TrAct}' is reserved for operators that never reach a file";

    /// <summary>The opset that a node's operator is of.</summary>
    public long OpsetOf(NodeProto node) => opsets.GetValueOrDefault(OpId.FoldDomain(node.Domain), 1);

    /// <summary>A line for each fault.</summary>
    public IEnumerable<Phrase> Faults(NodeProto node)
    {
        string domain = OpId.FoldDomain(node.Domain);
        if (node.OpType.Length == 0) yield return "it has no operator";
        if (domain == OpId.TrAct) yield return Reserved;
        FunctionProto? function = functions.Of(node);
        Signature? signature = function is null && domain == OpId.Onnx ? Signature.Of(node.OpType, OpsetOf(node)) : null;
        IEnumerable<Phrase> call = function is not null ? Call(node, function) : signature is not null ? Arity(node, signature) : [];
        foreach (Phrase fault in call.Concat(AttributeRules.Faults(node, signature, inFunction))) yield return fault;
    }

    private static IEnumerable<Phrase> Arity(NodeProto node, Signature signature)
    {
        (int least, int most) = Signature.Count(signature.Inputs);
        if (node.Input.Count < least || node.Input.Count > most)
            yield return $"it has {NameList.Count(node.Input.Count, "input")}; {Range(least, most)}";
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (node.Input[i].Length == 0 && i < most && !signature.IsOptional(i))
                yield return $"its input {i} is left out, which {(i < least ? "is needed" : "only an optional one may be")}";
        }
        (int _, int made) = Signature.Count(signature.Outputs);
        if (node.Output.Count > made) yield return $"it has {NameList.Count(node.Output.Count, "output")}; {Range(0, made)}";
    }

    private IEnumerable<Phrase> Call(NodeProto node, FunctionProto function)
    {
        if (node.Overload.Length > 0) yield return $"it calls the overload '{node.Overload}' of a function, which is not supported";
        if (node.Input.Count > function.Input.Count)
            yield return $"it has {NameList.Count(node.Input.Count, "input")}; the function takes {function.Input.Count}";
        if (node.Output.Count > function.Output.Count)
            yield return $"it has {NameList.Count(node.Output.Count, "output")}; the function gives {function.Output.Count}";
        IReadOnlySet<string> needed = functions.NeededBy(function);
        foreach ((int i, string input) in function.Input.Index())
        {
            if (needed.Contains(input) && (i >= node.Input.Count || node.Input[i].Length == 0))
                yield return $"its input {i} ('{input}') is left out, which the function needs";
        }
    }

    private static string Range(int least, int most) =>
        most == int.MaxValue ? $"at least {least} expected" : least == most ? $"{least} expected" : $"{least} to {most} expected";
}
