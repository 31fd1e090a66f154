using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Fusions;

/// <summary>x σ(αx) → com.microsoft::QuickGelu(x): SiLU (α = 1) and the Gelu of CLIP (α = 1.702), whose gradient is one node.</summary>
internal static class FuseSwish
{
    public static void Apply(Graph graph)
    {
        foreach (Node sigmoid in graph.Nodes.Where(node => node.Op == "Sigmoid").ToArray())
        {
            if (sigmoid.Out(0).OnlyUse("Mul") is not { } product || product.Beside(sigmoid.Out(0)) is not { Type: ElementType.Float } x) continue;
            if (Factor(sigmoid.In(0), x) is not { } alpha) continue;
            using OpBuilder op = graph.BuildBefore(product, product.Name);
            graph.Redefine(product.Out(0), op.Op("com.microsoft::QuickGelu", [x], ("alpha", (float)alpha)));
        }
    }

    private static double? Factor(Value value, Value x) => value == x ? 1
        : value.MadeBy("Mul") is { } mul && (mul.In(0) == x || mul.In(1) == x) ? mul.Beside(x).Number() : null;
}
