using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>Local functions, inlined: each call becomes the function's nodes, their names under the call's.</summary>
internal static class InlineFunctions
{
    /// <returns>A model without functions, with a graph of its own; the model itself where it has none.</returns>
    /// <exception cref="GraphRewriteException">A function speaks another opset than the model.</exception>
    public static Model Of(Model model)
    {
        if (model.Functions.Count == 0) return model;
        var functions = model.Functions.ToDictionary(function => function.Id);
        Dictionary<string, long> opsets = JoinedOpsets(model);
        Graph graph = model.Graph;
        do graph = Inlined(graph, new(graph.Name, opsets), functions);
        while (graph.Nodes.Any(node => IsCall(node) || Walk.NodesInside(node).Any(IsCall)));
        return model.CopyAround(graph, []);

        bool IsCall(Node node) => functions.ContainsKey(node.Op);
    }

    /// <summary>The operator sets of the model, and those that only its functions speak.</summary>
    private static Dictionary<string, long> JoinedOpsets(Model model)
    {
        var known = new Dictionary<string, long>(model.Graph.Opsets);
        foreach (Function function in model.Functions)
        {
            foreach ((string domain, long version) in function.Body.Opsets)
            {
                if (known.TryAdd(domain, version) || known[domain] == version || domain != OpId.Onnx) continue;
                throw model.Graph.Refuse(
                    $"the function '{function.Id.Type}' is written in opset {version}, the model in {known[domain]}",
                    "Export the model again, with one opset");
            }
        }
        return known;
    }

    /// <summary>The graph with every call of a function replaced once, those in its subgraphs too.</summary>
    private static Graph Inlined(Graph graph, Graph copy, Dictionary<OpId, Function> functions)
    {
        (copy.Metadata, copy.Origin) = (graph.Metadata, graph.Origin);
        copy.Reserved.UnionWith(graph.Reserved);
        copy.Adopt(graph, _ => true);
        foreach ((int position, Node node) in graph.Nodes.Index())
        {
            if (functions.TryGetValue(node.Op, out Function? function)) Inline(copy, node, function, position);
            else NodeCopies.AddUnchanged(copy, node, subgraph => Inlined(subgraph, new(subgraph.Name, copy), functions));
        }
        foreach (Value output in graph.Outputs) copy.MarkOutput(copy.Get(output.Name));
        return copy;
    }

    private static void Inline(Graph copy, Node call, Function function, int position)
    {
        string prefix = call.Name.Length > 0 ? call.WrittenName ?? call.Name : $"{function.Id.Type}_{position}";
        var names = new Dictionary<string, string> { [""] = "" };
        foreach ((int i, Value input) in function.Body.Inputs.Index()) names[input.Name] = call.InOrNull(i)?.Name ?? "";
        foreach ((int i, Value output) in function.Body.Outputs.Index())
            if (call.OutOrNull(i) is { } made) names[output.Name] = made.Name;
        var attributes = new Dictionary<string, NodeAttribute>();
        foreach (NodeAttribute attribute in function.Defaults.Concat(call.Attributes)) attributes[attribute.Name] = attribute;
        var copies = new NodeCopies(copy, prefix, names, attributes);
        foreach (Node body in function.Body.Nodes) copies.Add(body);
    }
}
