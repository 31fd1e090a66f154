using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm;

/// <summary>
/// Bernoulli(p) → U &lt; p with U uniform over [0, 1). ONNX Runtime has no kernel for it: up to opset 21 it takes the operator's function body, which
/// compares the other way round and so draws ones at the rate 1 − p; from opset 22 on it refuses the model.
/// </summary>
internal static class ExpandBernoulli
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Bernoulli").ToArray())
        {
            using OpBuilder op = graph.BuildBefore(node, node.Name);
            Value given = node.In(0);
            Value p = given.Type is ElementType.Float16 or ElementType.BFloat16 ? op.Cast(given, ElementType.Float) : given;
            Value drawn = op.Op("Less", [op.Op("RandomUniformLike", [p], ("low", 0f), ("high", 1f)), p]);
            if (node.Has("seed")) drawn.Producer!.In(0).Producer!.SetAttribute("seed", node.Float("seed", 0));
            ElementType type = (ElementType)node.Int("dtype", (long)given.Type.FloatIfUndefined());
            graph.Redefine(node.Out(0), op.Cast(drawn, type));
            graph.Remove(node);
        }
    }
}
