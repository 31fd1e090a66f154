using GraphRewrite.IR;

namespace GraphRewrite.NormalForm;

/// <summary>
/// Constants that exporters compute: Constant nodes become initializers; a cast or expanded constant becomes one; a bias of zeros goes.
/// </summary>
internal static class StoreConstants
{
    /// <summary>Larger ones stay computed.</summary>
    private const long MaxElements = 1 << 16;

    /// <summary>
    /// Constant nodes → initializers, which are added to the constants: they are no parameters. Then vectors joined from them, such as Resize's
    /// scales.
    /// </summary>
    public static void Store(Graph graph, HashSet<Value> constants)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Constant").ToArray())
        {
            if (Data(node) is { } tensor && !node.Out(0).IsGraphOutput) constants.Add(Become(graph, node, tensor));
        }
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Concat").ToArray())
        {
            if (node.Inputs.All(part => part is not null && constants.Contains(part)) && !node.Out(0).IsGraphOutput && Joined(node) is { } tensor)
                constants.Add(Become(graph, node, tensor));
        }
    }

    /// <summary>Cast(c), Expand(c, shape) of a single constant element; then Conv's and ConvTranspose's zero bias.</summary>
    public static void Fold(Graph graph, HashSet<Value> constants)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op.Type is "Cast" or "Expand" && Constant(node.In(0)) is { Length: 1 } single
                && node.Out(0) is { Shape: { IsStatic: true } shape, IsGraphOutput: false } output
                && shape.Size.Value <= MaxElements && IsNumber(output.Type))
            {
                constants.Add(Become(graph, node, Tensor.Filled(output.Type, shape.Extents(), single.ToDouble()[0])));
            }
            else if (node.Op.Type is "Conv" or "ConvTranspose" && Constant(node.InOrNull(2)) is { } bias && bias.ToDouble().All(entry => entry == 0))
            {
                node.SetInput(2, null);
            }
        }

        Tensor? Constant(Value? value) => value is not null && constants.Contains(value) ? value.Initializer : null;
    }

    /// <summary>Vectors end to end; null for tensors of other ranks or sizes.</summary>
    private static Tensor? Joined(Node node)
    {
        Tensor[] parts = [.. node.Inputs.Select(part => part!.Initializer!)];
        long length = parts.Sum(part => part.Length);
        return parts.Length > 0 && length <= MaxElements && parts.All(part => part.Rank == 1 && part.Type == parts[0].Type && IsNumber(part.Type))
            ? new(parts[0].Type, [length], parts.SelectMany(part => part.Data.ToArray()).ToArray())
            : null;
    }

    private static Value Become(Graph graph, Node node, Tensor tensor)
    {
        Value value = node.Out(0);
        node.SetOutput(0, null);
        graph.Remove(node);
        graph.SetInitializer(value, tensor);
        return value;
    }

    private static bool IsNumber(ElementType type) => type.IsFloating() || type is ElementType.Int64 or ElementType.Int32;

    private static Tensor? Data(Node node) => node.Attributes.Select(attribute => (attribute.Name, attribute.Value)).FirstOrDefault() switch
    {
        ("value", Tensor tensor) => tensor,
        ("value_int", long number) => Tensor.Scalar(number),
        ("value_ints", long[] numbers) => Tensor.Vector(numbers),
        ("value_float", float number) => Tensor.Scalar(number),
        ("value_floats", float[] numbers) => Tensor.Vector(numbers),
        _ => null,
    };
}
