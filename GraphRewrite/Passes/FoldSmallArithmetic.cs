using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Passes;

/// <summary>
/// Floating-point arithmetic on constants and known extents becomes stored numbers: ⌊height · 0.5⌋, as torchscript writes interpolate's scale factor.
/// Each result is rounded to its type, as a kernel rounds it.
/// </summary>
internal static class FoldSmallArithmetic
{
    /// <param name="graph">The graph, its shapes inferred.</param>
    /// <param name="constants">Initializers that are no parameters; what is stored is added.</param>
    public static void Apply(Graph graph, HashSet<Value> constants)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op.Domain == OpId.Onnx).ToArray())
        {
            ShapeInference.Infer(node);
            if (node.OutOrNull(0) is not { IsGraphOutput: false, Shape.IsStatic: true } output) continue;
            if (output.Type is not (ElementType.Float or ElementType.Double or ElementType.Int64)) continue;
            if (Compute(node, constants) is not { Length: > 0 and <= Dim.MaxElements } numbers) continue;
            if (numbers.Length != output.Shape.Size.Value || !numbers.All(double.IsFinite)) continue;
            node.SetOutput(0, null);
            graph.SetInitializer(output, Stored(output.Type, output.Shape.Extents(), numbers));
            constants.Add(output);
        }
    }

    /// <summary>Null where an input is not known, and for integers throughout, which shape inference follows.</summary>
    private static double[]? Compute(Node node, HashSet<Value> constants)
    {
        return node.Op.Type switch
        {
            "Cast" when IsReal(node.In(0)) || IsReal(node.Out(0)) => Known(node.In(0)),
            "Unsqueeze" or "Squeeze" when IsReal(node.In(0)) => Known(node.In(0)),
            "Concat" when IsReal(node.In(0)) && node.In(0).Shape is { Rank: 1 } => Joined(),
            "Floor" => Each(Math.Floor),
            "Ceil" => Each(Math.Ceiling),
            "Round" => Each(Math.Round),
            "Sqrt" => Each(Math.Sqrt),
            "Add" => Zip((a, b) => a + b),
            "Sub" => Zip((a, b) => a - b),
            "Mul" => Zip((a, b) => a * b),
            "Div" => Zip((a, b) => a / b),
            _ => null,
        };

        double[]? Known(Value value) =>
            value.Elements is { } extents ? extents.All(extent => extent.IsKnown) ? [.. extents.Select(extent => (double)extent.Value)] : null
            : IsReal(value) && constants.Contains(value) && value.Initializer is { Length: <= Dim.MaxElements } stored ? stored.ToDouble()
            : null;

        double[]? Joined()
        {
            double[]?[] parts = [.. node.Inputs.Select(part => Known(part!))];
            return parts.All(part => part is not null) ? [.. parts.SelectMany(part => part!)] : null;
        }

        double[]? Each(Func<double, double> f) => IsReal(node.In(0)) && Known(node.In(0)) is { } x ? [.. x.Select(f)] : null;

        double[]? Zip(Func<double, double, double> f) =>
            IsReal(node.In(0)) && node.In(0).Shape is { Rank: <= 1 } && node.In(1).Shape is { Rank: <= 1 }
            && Known(node.In(0)) is { Length: > 0 } a && Known(node.In(1)) is { Length: > 0 } b
                ? [.. Enumerable.Range(0, Math.Max(a.Length, b.Length)).Select(i => f(a[a.Length == 1 ? 0 : i], b[b.Length == 1 ? 0 : i]))]
                : null;
    }

    private static bool IsReal(Value value) => value.Type is ElementType.Float or ElementType.Double;

    private static Tensor Stored(ElementType type, long[] dims, double[] numbers) => type switch
    {
        ElementType.Float => Tensor.Of(dims, Array.ConvertAll(numbers, number => (float)number)),
        ElementType.Double => Tensor.Of(dims, numbers),
        _ => Tensor.Of(dims, Array.ConvertAll(numbers, number => (long)number)),
    };
}
