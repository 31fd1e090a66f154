using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Fusions;

/// <summary>½ x (1 + erf(x / √2)), the factors in any order → com.microsoft::Gelu(x), whose gradient is one node.</summary>
internal static class FuseGelu
{
    public static void Apply(Graph graph)
    {
        foreach (Node erf in graph.Nodes.Where(node => node.Op == "Erf").ToArray())
        {
            if (Scaled(erf.In(0)) is not { Type: ElementType.Float } x || OnePlus(erf.Out(0)) is not { } sum) continue;
            if (Product(sum, x) is not { } product) continue;
            using OpBuilder op = graph.BuildBefore(product, product.Name);
            graph.Redefine(product.Out(0), op.Op("com.microsoft::Gelu", [x]));
        }
    }

    /// <summary>The x of x / √2 or x · √½.</summary>
    private static Value? Scaled(Value value) => value.Producer switch
    {
        { Op.Type: "Div" } div when div.In(1).IsNumber(Math.Sqrt(2)) => div.In(0),
        { Op.Type: "Mul" } mul when mul.In(1).IsNumber(Math.Sqrt(0.5)) => mul.In(0),
        { Op.Type: "Mul" } mul when mul.In(0).IsNumber(Math.Sqrt(0.5)) => mul.In(1),
        _ => null,
    };

    private static Value? OnePlus(Value value) => value.OnlyUse("Add") is { } add && add.Beside(value).IsNumber(1) ? add.Out(0) : null;

    /// <summary>The node that completes sum · x · ½.</summary>
    private static Node? Product(Value sum, Value x)
    {
        (Value value, bool hasX, bool hasHalf) = (sum, false, false);
        while (true)
        {
            if (value.OnlyUse("Mul") is not { } mul || mul.Beside(value) is not { } factor) return null;
            if (factor == x && !hasX) hasX = true;
            else if (factor.IsNumber(0.5) && !hasHalf) hasHalf = true;
            else if (!hasX && !hasHalf && IsHalf(factor, x)) hasX = hasHalf = true;
            else return null;
            if (hasX && hasHalf) return mul;
            value = mul.Out(0);
        }
    }

    private static bool IsHalf(Value value, Value x) =>
        value.MadeBy("Mul") is { } mul && (mul.In(0) == x || mul.In(1) == x) && mul.Beside(x).IsNumber(0.5);
}
