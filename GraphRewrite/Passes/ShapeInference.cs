using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Types and shapes of all values, with symbolic dimensions, and the values of small integer tensors (shape arithmetic) as far as they are known.
/// A node whose operator has no rule leaves its outputs as they were declared.
/// </summary>
public static class ShapeInference
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes) Infer(node);
    }

    /// <summary>Infers one node's outputs from its inputs; what is declared stays where inference knows less.</summary>
    public static void Infer(Node node)
    {
        if (ShapeRules.Table.TryGetValue(node.Op, out ShapeRule? rule)) rule(node);
    }
}

/// <summary>Sets type and shape of a node's outputs.</summary>
internal delegate void ShapeRule(Node node);
