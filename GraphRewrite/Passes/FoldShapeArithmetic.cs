using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Turns every computed int64 value whose contents shape inference knows into an initializer of the same name. Graph outputs stay computed.
/// The nodes that made them are left without outputs, for <see cref="RemoveUnusedNodes"/>.
/// </summary>
internal static class FoldShapeArithmetic
{
    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes)
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                if (node.Outputs[i] is not { Type: ElementType.Int64, IsGraphOutput: false, Shape.IsStatic: true } value) continue;
                if (value.Elements is not { } elements) continue;
                if (!elements.All(element => element.IsKnown)) continue;
                node.SetOutput(i, null);
                graph.SetInitializer(value, Tensor.Of(value.Shape.Extents(), [.. elements.Select(element => element.Value)]));
            }
    }
}
