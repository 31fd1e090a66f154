using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>A model's functions by what calls them; there are no two of a name. Which inputs each cannot do without.</summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<OpId, FunctionProto> functions = [];
    private readonly Dictionary<FunctionProto, IReadOnlySet<string>> needed = [];

    public FunctionTable(ModelProto model, Offences offences)
    {
        foreach (FunctionProto function in model.Functions)
        {
            var id = new OpId(OpId.FoldDomain(function.Domain), function.Name);
            if (function.Name.Length == 0) offences.Add("", $"a function of the domain '{function.Domain}' has no name");
            else if (!functions.TryAdd(id, function)) offences.Add("", $"the function '{id}' is there twice");
            if (function.Overload.Length > 0) offences.Add($"the function '{id}'", $"overloads ('{function.Overload}') are not supported");
            if (id.Domain == OpId.TrAct) offences.Add($"the function '{id}'", NodeRules.Reserved);
        }
    }

    /// <summary>The function that a node calls; null where its operator is none.</summary>
    public FunctionProto? Of(NodeProto node) => functions.GetValueOrDefault(new(OpId.FoldDomain(node.Domain), node.OpType));

    /// <summary>
    /// The function's inputs that its nodes need: where a call leaves them out, an operator or a further function would lack an input.
    /// Calls must not form a circle.
    /// </summary>
    public IReadOnlySet<string> NeededBy(FunctionProto function)
    {
        if (needed.TryGetValue(function, out IReadOnlySet<string>? known)) return known;
        var opsets = new Dictionary<string, long>();
        foreach (OperatorSetIdProto opset in function.OpsetImport) opsets.TryAdd(OpId.FoldDomain(opset.Domain), opset.Version);
        var found = new HashSet<string>();
        Collect(function.Node);
        found.IntersectWith(function.Input);
        return needed[function] = found;

        void Collect(IEnumerable<NodeProto> nodes)
        {
            foreach (NodeProto node in nodes)
            {
                FunctionProto? called = Of(node);
                bool isOnnx = OpId.FoldDomain(node.Domain) == OpId.Onnx;
                Signature? signature = isOnnx ? Signature.Of(node.OpType, opsets.GetValueOrDefault(OpId.Onnx, 1)) : null;
                for (int i = 0; i < node.Input.Count; i++)
                {
                    bool isNeeded = called is null ? signature?.IsOptional(i) == false
                        : i < called.Input.Count && NeededBy(called).Contains(called.Input[i]);
                    if (isNeeded) found.Add(node.Input[i]);
                }
                foreach (GraphProto graph in node.Attribute.SelectMany(AttributeRules.Graphs)) Collect(graph.Node);
            }
        }
    }
}
