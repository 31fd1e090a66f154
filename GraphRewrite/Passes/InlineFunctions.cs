using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Protos;
using GraphRewrite.Serialization;

namespace GraphRewrite.Passes;

/// <summary>Local functions, inlined: each call becomes the function's nodes, their names under the call's.</summary>
public static class InlineFunctions
{
    private const int MaxDepth = 64;

    /// <returns>The model without functions; the model itself where it has none.</returns>
    /// <exception cref="GraphRewriteException">Functions call each other in a circle, or speak another opset than the model.</exception>
    public static Model Apply(Model model)
    {
        if (!model.HasFunctions) return model;
        ModelProto proto = ModelEncoder.Encode(model);
        Dictionary<OpId, FunctionProto> functions = proto.Functions.ToDictionary(function => new OpId(Domain(function.Domain), function.Name));
        CheckOpsets(proto);
        for (int depth = 0; proto.Graph.Node.Any(node => functions.ContainsKey(OpOf(node))); depth++)
        {
            if (depth == MaxDepth) throw new GraphRewriteException($"The functions of '{model.Graph.Name}' call each other in a circle.");
            NodeProto[] nodes = [.. proto.Graph.Node.SelectMany((node, i) => functions.TryGetValue(OpOf(node), out FunctionProto? function) ? Inline(node, function, i) : [node])];
            proto.Graph.Node.Clear();
            proto.Graph.Node.AddRange(nodes);
        }
        proto.Functions.Clear();
        return OnnxReader.Read(proto, model.Graph.Name);
    }

    private static void CheckOpsets(ModelProto proto)
    {
        Dictionary<string, long> known = proto.OpsetImport.ToDictionary(opset => Domain(opset.Domain), opset => opset.Version);
        foreach (FunctionProto function in proto.Functions)
        {
            foreach (OperatorSetIdProto opset in function.OpsetImport)
            {
                if (known.TryAdd(Domain(opset.Domain), opset.Version)) proto.OpsetImport.Add(opset);
                else if (known[Domain(opset.Domain)] != opset.Version && opset.Domain.Length == 0)
                    throw new GraphRewriteException($"The function '{function.Name}' is written in opset {opset.Version}, the model in {known[""]}. Export the model again, with one opset.");
            }
        }
    }

    private static IEnumerable<NodeProto> Inline(NodeProto call, FunctionProto function, int position)
    {
        string prefix = call.Name.Length > 0 ? call.Name : $"{function.Name}_{position}";
        var names = new Dictionary<string, string> { [""] = "" };
        for (int i = 0; i < function.Input.Count; i++) names[function.Input[i]] = i < call.Input.Count ? call.Input[i] : "";
        for (int i = 0; i < function.Output.Count; i++)
            if (i < call.Output.Count && call.Output[i].Length > 0) names[function.Output[i]] = call.Output[i];
        Dictionary<string, AttributeProto> attributes = function.AttributeProto.Concat(call.Attribute).GroupBy(attribute => attribute.Name).ToDictionary(group => group.Key, group => group.Last());
        foreach (NodeProto body in function.Node) yield return Renamed(body, names, prefix, attributes);
    }

    /// <summary>A copy of a node whose names are what the given ones say, or go under the prefix; new ones are added to them.</summary>
    internal static NodeProto Renamed(NodeProto body, Dictionary<string, string> names, string prefix, Dictionary<string, AttributeProto>? attributes = null)
    {
        NodeProto node = body.Clone();
        node.Name = $"{prefix}/{body.Name}";
        Rename(node, names, prefix, attributes ?? []);
        return node;
    }

    private static void Rename(NodeProto node, Dictionary<string, string> names, string prefix, Dictionary<string, AttributeProto> attributes)
    {
        for (int i = 0; i < node.Input.Count; i++) node.Input[i] = NameOf(node.Input[i]);
        for (int i = 0; i < node.Output.Count; i++) node.Output[i] = NameOf(node.Output[i]);
        AttributeProto[] given = [.. node.Attribute.Select(attribute => Resolve(attribute, attributes)).OfType<AttributeProto>()];
        node.Attribute.Clear();
        node.Attribute.AddRange(given);
        foreach (GraphProto subgraph in given.SelectMany(attribute => new NodeAttribute(attribute, null).Subgraphs)) Rename(subgraph, names, prefix, attributes);

        string NameOf(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = $"{prefix}/{name}";
    }

    /// <summary>In a subgraph all names but those of its own inputs and initializers are the function's.</summary>
    private static void Rename(GraphProto subgraph, Dictionary<string, string> names, string prefix, Dictionary<string, AttributeProto> attributes)
    {
        var inner = new Dictionary<string, string>(names);
        foreach (string own in subgraph.Input.Select(input => input.Name).Concat(subgraph.Initializer.Select(initializer => initializer.Name))) inner[own] = own;
        foreach (NodeProto node in subgraph.Node) Rename(node, inner, prefix, attributes);
        foreach (ValueInfoProto output in subgraph.Output) output.Name = inner.GetValueOrDefault(output.Name, output.Name);
        subgraph.ValueInfo.Clear();
    }

    /// <summary>An attribute that refers to the call's takes its value; none where the call leaves it out.</summary>
    private static AttributeProto? Resolve(AttributeProto attribute, Dictionary<string, AttributeProto> attributes)
    {
        if (!attribute.HasRefAttrName) return attribute;
        if (!attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given)) return null;
        AttributeProto resolved = given.Clone();
        resolved.Name = attribute.Name;
        return resolved;
    }

    private static OpId OpOf(NodeProto node) => new(Domain(node.Domain), node.OpType);

    private static string Domain(string domain) => domain == "ai.onnx" ? OpId.Onnx : domain;
}
