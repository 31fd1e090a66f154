using GraphRewrite.IR;

namespace TrActOnnx.Tests;

/// <summary>An input of the node under test: fed at run time, or stored in the model.</summary>
internal sealed record Arg(Tensor Tensor, bool Stored = false)
{
    public static implicit operator Arg(Tensor tensor) => new(tensor);
}

/// <summary>A model of a single node, the smallest that a rule can be tried on.</summary>
internal sealed class OneNodeModel
{
    private OneNodeModel(Model model, Dictionary<string, Tensor> feeds) => (Model, Feeds) = (model, feeds);

    public Model Model { get; }

    public Dictionary<string, Tensor> Feeds { get; }

    public Graph Graph => Model.Graph;

    /// <summary>Outputs are named y0, y1, …; symbolic makes the first dimension of every fed input a symbol of its extent.</summary>
    public static OneNodeModel Of(OpId op, long opset, Arg?[] inputs, int outputs,
        (string Name, object Value)[]? attributes = null, bool symbolic = false)
    {
        var graph = new Graph("one", new Dictionary<string, long> { [OpId.Onnx] = opset, [OpId.Microsoft] = 1 });
        var feeds = new Dictionary<string, Tensor>();
        var values = new Value?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } input) continue;
            values[i] = input.Stored ? graph.AddInitializer($"x{i}", input.Tensor)
                : graph.AddInput($"x{i}", input.Tensor.Type, ShapeOf(input.Tensor, symbolic));
            if (!input.Stored) feeds[$"x{i}"] = input.Tensor;
        }
        Node node = graph.AddNode(op, "node", values);
        foreach ((string name, object value) in attributes ?? []) node.SetAttribute(name, value);
        for (int i = 0; i < outputs; i++)
        {
            Value output = graph.NewValue($"y{i}");
            node.SetOutput(i, output);
            graph.MarkOutput(output);
        }
        return new(new(graph), feeds);
    }

    private static Shape ShapeOf(Tensor tensor, bool symbolic)
    {
        Shape shape = Shape.From(tensor.Dims);
        return symbolic && shape.Rank > 1 ? shape.With(0, Dim.Symbol($"batch{tensor.Dims[0]}")) : shape;
    }
}
