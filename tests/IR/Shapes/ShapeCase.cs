using GraphRewrite.IR;

namespace TrActOnnx.Tests.IR.Shapes;

/// <summary>A node to infer and to run. Float inputs are fed (1 everywhere), others are constants: shapes, axes, indices.</summary>
internal sealed record ShapeCase(long Opset, OpId Op, Tensor?[] Inputs, int Outputs, params (string Name, object Value)[] Attributes)
{
    public Dictionary<string, Tensor> Feeds => Fed.ToDictionary(i => $"x{i}", i => Inputs[i]!);

    /// <summary>The symbols of a symbolic build, and what they stand for.</summary>
    public Dictionary<string, long> Extents =>
        Fed.SelectMany(i => Inputs[i]!.Dims.Select((extent, axis) => (Name: Symbol(i, axis), extent)))
            .ToDictionary(pair => pair.Name, pair => pair.extent);

    private IEnumerable<int> Fed => Enumerable.Range(0, Inputs.Length).Where(i => Inputs[i]?.Type == ElementType.Float);

    /// <summary>The graph, without any declared shape of what is computed.</summary>
    public Graph Build(bool symbolic)
    {
        var graph = new Graph("test", new Dictionary<string, long> { [OpId.Onnx] = Opset, [OpId.Microsoft] = 1 });
        Node node = graph.AddNode(Op, Op.Type, Inputs.Select((input, i) => input is null ? null : Add(graph, input, i, symbolic)).ToArray());
        foreach ((string name, object value) in Attributes) node.SetAttribute(name, value);
        for (int i = 0; i < Outputs; i++)
        {
            Value output = graph.NewValue($"y{i}");
            node.SetOutput(i, output);
            graph.MarkOutput(output);
        }
        return graph;
    }

    public override string ToString() =>
        $"{Op}-{Opset} {string.Join(" ", Inputs.Select(input => input?.ToString() ?? "''"))} "
        + string.Join(" ", Attributes.Select(a => new NodeAttribute(a.Name, a.Value)));

    private static Value Add(Graph graph, Tensor input, int i, bool symbolic) =>
        input.Type != ElementType.Float ? graph.AddInitializer($"x{i}", input)
        : graph.AddInput($"x{i}", input.Type,
            symbolic ? new([.. input.Dims.Select((_, axis) => Dim.Symbol(Symbol(i, axis)))]) : Shape.From(input.Dims));

    private static string Symbol(int input, int axis) => $"x{input}a{axis}";
}
