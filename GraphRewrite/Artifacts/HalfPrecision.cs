using System.Runtime.InteropServices;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.Artifacts;

/// <summary>
/// A model whose parameters are of half precision is trained in Float: <see cref="Widen"/> makes everything half Float, and notes what was Float
/// before; <see cref="Narrow"/> makes all the rest half again.
/// </summary>
internal static class HalfPrecision
{
    private const string TypeProperty = "tract.precision";
    private const string KeptProperty = "tract.precision.kept";

    /// <summary>Attributes that name an element type.</summary>
    private static readonly HashSet<string> TypeAttributes = ["to", "dtype", "output_dtype"];

    /// <param name="model">The forward model as it was read, with local functions inlined; changed in place.</param>
    /// <returns>What the user should know; null where no parameter is of half precision.</returns>
    public static Finding? Widen(Model model)
    {
        Value[] stored = [.. model.Graph.Initializers.Where(value => IsHalf(value.Type) && value.Initializer is not null)];
        if (stored.Length == 0) return null;
        ElementType half = stored.GroupBy(value => value.Type).MaxBy(group => group.Count())!.Key;
        ShapeInference.Apply(model.Graph);
        Graph[] graphs = [.. Graphs(model.Graph)];
        IEnumerable<Value> floats = graphs.SelectMany(graph => graph.Values).Where(value => value.Type == ElementType.Float);
        model.SetMetadata(TypeProperty, $"{half}");
        model.SetMetadata(KeptProperty, string.Join('\n', floats.Select(value => value.Name)));
        foreach (Graph graph in graphs) Change(graph, value => IsHalf(value.Type), ElementType.Float);
        return new($"{NameList.Count(stored.Length, "tensor")} of the model {(stored.Length == 1 ? "is" : "are")} {half}: "
            + $"trained in Float, exported in {half} again");
    }

    /// <summary>Makes a model that was widened what it was; any other stays.</summary>
    /// <param name="model">The model; changed in place.</param>
    public static void Narrow(Model model)
    {
        if (model.MetadataOf(TypeProperty) is not { } name || !Enum.TryParse(name, out ElementType half)) return;
        HashSet<string> kept = [.. (model.MetadataOf(KeptProperty) ?? "").Split('\n')];
        foreach (Graph graph in Graphs(model.Graph).ToArray())
            Change(graph, value => value.Type == ElementType.Float && !kept.Contains(value.Name), half);
        model.Metadata.Remove(TypeProperty);
        model.Metadata.Remove(KeptProperty);
    }

    public static bool IsHalf(ElementType type) => type is ElementType.Float16 or ElementType.BFloat16;

    private static bool IsReal(ElementType type) => IsHalf(type) || type == ElementType.Float;

    private static IEnumerable<Graph> Graphs(Graph graph) =>
        graph.Nodes.SelectMany(node => node.Subgraphs).SelectMany(Graphs).Prepend(graph);

    private static void Change(Graph graph, Predicate<Value> changes, ElementType to)
    {
        HashSet<Value> changed = [.. graph.Values.Where(value => changes(value))];
        foreach (Node node in graph.Nodes.Where(node => node.Outputs.Any(output => output is not null && changed.Contains(output))))
            foreach (NodeAttribute attribute in node.Attributes.ToArray()) Change(node, attribute, to);
        foreach (Value value in changed)
        {
            if (value.Initializer is { } tensor) graph.SetInitializer(value, To(to, tensor));
            value.Type = to;
        }
    }

    /// <summary>What the attribute says of the type of the outputs.</summary>
    private static void Change(Node node, NodeAttribute attribute, ElementType to)
    {
        if (attribute.Value is Tensor tensor && IsReal(tensor.Type))
            node.SetAttribute(attribute.Name, To(to, tensor));
        else if (attribute.Value is float number && attribute.Name == "value_float")
            Become(node, attribute, To(to, Tensor.Scalar(number)));
        else if (attribute.Value is float[] numbers && attribute.Name == "value_floats")
            Become(node, attribute, To(to, Tensor.Vector(numbers)));
        else if (attribute.Value is long type && TypeAttributes.Contains(attribute.Name) && IsReal((ElementType)type))
            node.SetAttribute(attribute.Name, to);
    }

    /// <summary>A constant that is written as numbers is always Float: one of another type is a tensor.</summary>
    private static void Become(Node node, NodeAttribute attribute, Tensor tensor)
    {
        node.RemoveAttribute(attribute.Name);
        node.SetAttribute("value", tensor);
    }

    /// <summary>The elements in another floating type.</summary>
    public static Tensor To(ElementType type, Tensor tensor) => type switch
    {
        ElementType.Float => Tensor.Of(tensor.Dims, Array.ConvertAll(tensor.ToDouble(), x => (float)x)),
        ElementType.Float16 => Tensor.Of(tensor.Dims, Array.ConvertAll(tensor.ToDouble(), x => (Half)x)),
        _ => new(type, tensor.Dims, MemoryMarshal.AsBytes(Array.ConvertAll(tensor.ToDouble(), x => UpperHalf((float)x)).AsSpan()).ToArray()),
    };

    /// <summary>To the nearest, ties to even; NaN stays one.</summary>
    private static ushort UpperHalf(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        return (ushort)(float.IsNaN(number) ? 0x7FC0 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
