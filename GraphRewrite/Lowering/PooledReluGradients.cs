using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels.MaxPool;

namespace GraphRewrite.Lowering;

/// <summary>
/// The gradient of a Relu whose output X a MaxPool alone takes: the entry of a window that gets the gradient is its maximum, so that
/// <code>MaxPoolGrad(dY) ⊙ [X > 0] = MaxPoolGrad(dY ⊙ [MaxPool(X) > 0])</code>
/// and the comparison and the product run over Y, a quarter of X behind a window of 2×2.
/// </summary>
internal static class PooledReluGradients
{
    /// <param name="graph">A gradient graph, not yet lowered; changed in place.</param>
    public static void Apply(Graph graph)
    {
        foreach (Node relu in graph.Nodes.Where(node => node.Op == "com.microsoft::ReluGrad").ToArray())
        {
            if (GradientOfPool(relu) is not { } gradient) continue;
            Value pooled = gradient.In(1).Producer!.Out(0);
            using OpBuilder op = graph.BuildBefore(gradient, relu.Name);
            gradient.SetInput(0, op.Op("com.microsoft::ReluGrad", [gradient.In(0), pooled]));
            graph.Redefine(relu.Out(0), gradient.Out(0));
            graph.Remove(relu);
        }
    }

    /// <summary>The MaxPoolGrad that a ReluGrad alone takes, of a MaxPool of the very values that it compares with 0.</summary>
    private static Node? GradientOfPool(Node relu) =>
        relu.In(0) is { Uses.Count: 1, IsGraphOutput: false, Producer: { Op: { Domain: OpId.Onnx, Type: "MaxPoolGrad" } } gradient }
        && new MaxPoolGradient(gradient).X == relu.In(1) ? gradient : null;
}
