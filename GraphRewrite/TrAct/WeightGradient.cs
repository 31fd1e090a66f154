using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.TrAct;

/// <summary>The gradient of a layer's weight, as the operation sees the weight, and what it is made from.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="DW">The weight gradient: Conv [M, C/g, k…]; else [m, n], or [n, m].</param>
/// <param name="DY">The gradient of the layer's output, as the node that makes dW takes it.</param>
/// <param name="OutputFirst">Whether dW is [m, n].</param>
/// <param name="TransposedDY">Whether dY is stored [m, b].</param>
internal sealed record WeightGradient(Layer Layer, Value DW, Value DY, bool OutputFirst, bool TransposedDY)
{
    /// <exception cref="GraphRewriteException">The graph has no gradient of this weight in a form that is known.</exception>
    public static IReadOnlyList<WeightGradient> Find(Layer layer, Dependence dependence)
    {
        WeightGradient[] found = [.. Find(layer, layer.Node.Graph, dependence).DistinctBy(gradient => gradient.DW)];
        if (found.Length > 0) return found;
        string expected = layer.Kind == LayerKind.Conv
            ? "a com.microsoft::ConvGrad of the same X and W with a second output"
            : "a Gemm or MatMul of X and the gradient of the layer's output";
        throw layer.Node.Refuse(
            $"the layer has no weight gradient in the graph: expected {expected} that leads to '{GradientNames.Of(layer.Parameter)}'",
            $"Make the training graph anew, with '{layer.Parameter}' among the trained parameters");
    }

    private static IEnumerable<WeightGradient> Find(Layer layer, Graph graph, Dependence dependence)
    {
        foreach (Node node in graph.Nodes)
        {
            WeightGradient? gradient = layer.Kind == LayerKind.Conv ? OfConv(layer, node)
                : dependence.IsForward(node) ? null
                : OfProduct(layer, node);
            if (gradient is null) continue;
            HashSet<string> fed = dependence.ParametersFedBy(gradient.DW);
            if (fed.Count > 0 && fed.IsSubsetOf(layer.Trained)) yield return gradient;
        }
    }

    private static WeightGradient? OfConv(Layer layer, Node node)
    {
        if (node.Op != "com.microsoft::ConvGrad" || node.OutOrNull(1) is not { } dW) return null;
        bool isOfLayer = Walk.Unnamed(node.In(1)) == Walk.Unnamed(layer.X) && Walk.Unnamed(node.In(2)) == Walk.Unnamed(layer.W);
        if (!isOfLayer || !SameWindows(layer.Node, node)) return null;
        return new(layer, dW, node.In(0), OutputFirst: true, TransposedDY: false);
    }

    /// <summary>Siblings may convolve one image with one weight in different windows.</summary>
    private static bool SameWindows(Node conv, Node grad) =>
        conv.String("auto_pad", "NOTSET") == grad.String("auto_pad", "NOTSET")
        && new[] { "strides", "dilations", "pads" }.All(name => SameWhereGiven(conv.Ints(name), grad.Ints(name)));

    private static bool SameWhereGiven(long[]? a, long[]? b) => a is null || b is null || a.AsSpan().SequenceEqual(b);

    private static WeightGradient? OfProduct(Layer layer, Node node)
    {
        if (node.Op.Type is not ("Gemm" or "MatMul" or "FusedMatMul")) return null;
        bool first = IsViewOf(node.In(0), layer.X);
        if (!first && !IsViewOf(node.In(1), layer.X)) return null;
        (Value dY, bool transposed) = first
            ? (node.In(1), node.Int("transB", 0) != 0)
            : (node.In(0), node.Int("transA", 0) == 0);
        return new(layer, SummedOverBatch(node.Out(0)), dY, OutputFirst: !first, transposed);
    }

    /// <summary>A stack of products, one an example, is summed afterwards.</summary>
    private static Value SummedOverBatch(Value dW) =>
        dW is { IsGraphOutput: false, Uses: [{ Node.Op: { Domain: OpId.Onnx, Type: "ReduceSum" } } use] } ? use.Node.Out(0) : dW;

    private static bool IsViewOf(Value value, Value x) => Walk.ViewsUp(value).Any(view => Walk.Unnamed(view) == Walk.Unnamed(x));
}
