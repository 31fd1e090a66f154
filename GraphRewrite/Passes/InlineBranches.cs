using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Protos;
using GraphRewrite.Serialization;

namespace GraphRewrite.Passes;

/// <summary>
/// If(c) whose condition follows from the shapes (a squeeze of an axis that may be 1, as torchscript writes it) → the nodes of the branch that it takes.
/// Others stay.
/// </summary>
internal static class InlineBranches
{
    public static void Apply(Graph graph)
    {
        if (!graph.Nodes.Any(IsBranch)) return;
        ShapeInference.Apply(graph);
        while (graph.Nodes.FirstOrDefault(node => IsBranch(node) && Taken(node) is not null) is { } node)
        {
            Inline(graph, node, Taken(node)!);
            ShapeInference.Apply(graph);
        }
    }

    private static bool IsBranch(Node node) => node.Op == "If";

    /// <summary>The branch that a known condition takes; null where it is not known, or the branch's data lies outside the file.</summary>
    private static GraphProto? Taken(Node node)
    {
        if (node.In(0).Elements is not [{ IsKnown: true } condition]) return null;
        GraphProto? branch = node.Attributes.FirstOrDefault(attribute => attribute.Name == (condition == 0 ? "else_branch" : "then_branch"))?.Subgraphs.FirstOrDefault();
        return branch is { SparseInitializer.Count: 0 } && branch.Output.Count == node.Outputs.Count && !StoredTensors.In(branch).Any(ExternalPlace.IsExternal) ? branch : null;
    }

    /// <summary>The branch's names go under the node's; what it captures is the graph's.</summary>
    private static void Inline(Graph graph, Node node, GraphProto branch)
    {
        var names = new Dictionary<string, string> { [""] = "" };
        foreach (Value captured in node.Captured) names[captured.Name] = captured.Name;
        foreach (NodeProto inner in branch.Initializer.Select(Constant).Concat(branch.Node))
            OnnxReader.AddNode(graph, InlineFunctions.Renamed(inner, names, node.Name), ExternalData.None, before: node);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.OutOrNull(i) is not { } output) continue;
            node.SetOutput(i, null);
            if (!output.IsGraphOutput) output.Shape = null; // what the file declares may be the other branch's
            graph.AddNode("Identity", $"{node.Name}/Identity", [graph.Get(names.GetValueOrDefault(branch.Output[i].Name, branch.Output[i].Name))], before: node).SetOutput(0, output);
        }
        graph.Remove(node);
    }
    private static NodeProto Constant(TensorProto tensor) => new()
    {
        OpType = "Constant",
        Name = tensor.Name,
        Output = { tensor.Name },
        Attribute = { new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor } },
    };
}
