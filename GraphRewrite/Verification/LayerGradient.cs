using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// The plain weight gradient of one use of a layer, found without the rewrite's own search: a ConvGrad of the layer's X and W, or a product
/// with (a view of) the layer's X whose result flows into the gradients of the layer's own parameters and nowhere else.
/// </summary>
/// <param name="Layer">The forward node.</param>
/// <param name="DW">The weight gradient.</param>
/// <param name="DY">The gradient of the layer's output, as the node that makes dW takes it.</param>
/// <param name="XFirst">Whether dW is XᵀdY, [n, m], rather than dYᵀX.</param>
/// <param name="TransposedDY">Whether dY is stored [m, b].</param>
internal sealed record LayerGradient(Node Layer, Value DW, Value DY, bool XFirst, bool TransposedDY)
{
    public string Name => Layer.Name.Length > 0 ? Layer.Name : Layer.Out(0).Name;

    /// <summary>The values of BEFORE that the new gradient may be made from: dW, and X and dY in every view on their way into dW.</summary>
    public IReadOnlyList<Value> Sources => [DW, .. ViewsOfOperands(), .. SummedStack(), Layer.In(0)];

    /// <summary>The gradients of a layer of BEFORE, one for each place where it is made.</summary>
    /// <exception cref="GraphRewriteException">There is no such layer or it has no gradient.</exception>
    public static IReadOnlyList<LayerGradient> Find(Graph before, string layer)
    {
        Node node = before.Nodes.FirstOrDefault(n => n.Name == layer && IsLayer(n))
            ?? before.Nodes.FirstOrDefault(n => n.OutOrNull(0)?.Name == layer && IsLayer(n))
            ?? throw new GraphRewriteException(new Finding(
                $"AFTER names '{layer}' as a rewritten layer; BEFORE has no Conv, Gemm or MatMul of that name", "Are the two from one model?"));
        IReadOnlyList<(string Parameter, Value Gradient)> gradients = ParameterGradients.Of(before);
        HashSet<Value> behindGradients = Walk.Downstream(gradients.Select(pair => pair.Gradient));
        HashSet<Value> forward = [.. Walk.Upstream(before.Outputs.Where(output => !behindGradients.Contains(output)))];
        HashSet<string> parameters = [.. Walk.Upstream(node.In(1)).Where(value => value.Producer is null).Select(value => value.Name)];
        LayerGradient[] found = [.. before.Nodes.Select(made => Read(node, made)).OfType<LayerGradient>().Where(IsOfThisLayer)];
        return found.Length > 0 ? found
            : throw new GraphRewriteException($"AFTER names '{layer}' as a rewritten layer; BEFORE makes no weight gradient for it");

        bool IsOfThisLayer(LayerGradient candidate)
        {
            if (forward.Contains(candidate.DW) && candidate.Layer.Op.Type != "Conv") return false;
            HashSet<Value> reached = Walk.Downstream([candidate.DW]);
            string[] fed = [.. gradients.Where(pair => reached.Contains(pair.Gradient)).Select(pair => pair.Parameter)];
            return fed.Length > 0 && fed.All(parameters.Contains);
        }
    }

    private static bool IsLayer(Node node) => node.Op.Type is "Conv" or "Gemm" or "MatMul" or "FusedMatMul";

    private static LayerGradient? Read(Node layer, Node node)
    {
        if (layer.Op.Type == "Conv") return ReadConv(layer, node);
        if (node.Op.Type is not ("Gemm" or "MatMul" or "FusedMatMul")) return null;
        bool xFirst = Leads(node.In(0), layer.In(0));
        if (!xFirst && !Leads(node.In(1), layer.In(0))) return null;
        Value product = node.Out(0).Uses is [{ Node.Op.Type: "ReduceSum" } use] ? use.Node.Out(0) : node.Out(0);
        return xFirst
            ? new(layer, product, node.In(1), true, node.Int("transB", 0) != 0)
            : new(layer, product, node.In(0), false, node.Int("transA", 0) == 0);
    }

    private static LayerGradient? ReadConv(Node layer, Node node)
    {
        if (node.Op != "com.microsoft::ConvGrad" || node.OutOrNull(1) is not { } dW) return null;
        bool readsXAndW = Walk.Unnamed(node.In(1)) == Walk.Unnamed(layer.In(0)) && Walk.Unnamed(node.In(2)) == Walk.Unnamed(layer.In(1));
        bool hasSameWindows = layer.Attributes.All(a => node.Attributes.All(b => a.Name != b.Name || a.SameAs(b)));
        return readsXAndW && hasSameWindows ? new(layer, dW, node.In(0), false, false) : null;
    }

    private IEnumerable<Value> ViewsOfOperands() =>
        DW.Producer!.Inputs.OfType<Value>().Where(input => input != Layer.In(1)).SelectMany(Walk.ViewsUp);

    private IEnumerable<Value> SummedStack() =>
        DW.Producer is { Op.Type: "ReduceSum" } sum ? [sum.In(0), .. sum.In(0).Producer!.Inputs.OfType<Value>().SelectMany(Walk.ViewsUp)] : [];

    private static bool Leads(Value value, Value x) => Walk.ViewsUp(value).Any(view => Walk.Unnamed(view) == Walk.Unnamed(x));
}
