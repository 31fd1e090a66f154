using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm;

/// <summary>Identity, casts to the type that a value has, Dropout outside training: their uses take the input.</summary>
internal static class RemovePassedOn
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op == "CastLike" && node.In(1).Type != ElementType.Undefined && node.In(0).Type != node.In(1).Type) CastInstead(graph, node);
            else if (PassesOn(node)) PassOn(node.In(0), node.Out(0));
        }
    }

    /// <summary>Whether this pass has something to do at a node.</summary>
    public static bool IsPassedOn(Node node) => PassesOn(node) && node.Out(0).Uses.Count > 0 && CanGo(node.Out(0));

    private static bool PassesOn(Node node) => node.Op.Domain == OpId.Onnx && node.Op.Type switch
    {
        "Identity" => true,
        "CastLike" => node.In(1).Type != ElementType.Undefined,
        "Cast" => node.In(0).Type != ElementType.Undefined && node.Int("to", 0) == (long)node.In(0).Type,
        "Dropout" => node.InOrNull(2) is not { } training || training.Elements is [var isTraining] && isTraining == 0,
        _ => false,
    };

    private static void CastInstead(Graph graph, Node node)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        PassOn(op.Cast(node.In(0), node.In(1).Type), node.Out(0));
    }

    private static void PassOn(Value from, Value to)
    {
        if (CanGo(to)) to.ReplaceAllUsesWith(from);
    }

    /// <summary>Graph outputs keep their node, and so do values that subgraphs use by name.</summary>
    private static bool CanGo(Value value) => value.Uses.All(use => use.Index >= 0);
}
