using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// InPlaceAccumulatorV2 writes a gradient into a buffer that ONNX Runtime Training owns. A step graph hands the gradient on instead:
/// the accumulators go, with their buffers, flags and the reset input.
/// </summary>
internal static class GradientAccumulators
{
    public static OpId Accumulator { get; } = "com.microsoft::InPlaceAccumulatorV2";

    /// <summary>
    /// P_grad → buffer: inputs P_grad.accumulation.buffer and lazy_reset_grad, outputs P_grad.accumulation.out, in the parameters' order.
    /// </summary>
    public static void Add(Graph graph, IReadOnlyList<string> parameters)
    {
        IEnumerable<Value> trained = parameters.Select(graph.Get);
        Value[] buffers = [.. trained.Select(Buffer)];
        Value reset = graph.AddInput(graph.FreeName(GradientNames.Reset), ElementType.Bool, Shape.Of(1));
        foreach ((int index, string parameter) in parameters.Index())
        {
            graph.Vacate(GradientNames.Accumulated(parameter));
            Value flag = graph.NewValue(GradientNames.Accumulated(parameter), ElementType.Bool, Shape.Of(1));
            Value gradient = graph.Get(GradientNames.Of(parameter));
            graph.AddNode(Accumulator, $"GradientAccumulator{index + 1}", [buffers[index], gradient, reset]).SetOutput(0, flag);
            graph.MarkOutput(flag);
        }
    }

    private static Value Buffer(Value parameter) =>
        StepGraphBuilder.Input(parameter.Graph, GradientNames.Buffer(parameter.Name), parameter.Type, parameter.Shape);

    public static void Remove(Graph graph)
    {
        graph.UnmarkOutputs(output => output.Producer?.Op == Accumulator);
        foreach (Node node in graph.Nodes.Where(node => node.Op == Accumulator).ToArray())
        {
            Value[] unused = [node.In(0), .. node.Inputs.Skip(2).OfType<Value>()];
            if (node.Outputs.FirstOrDefault(output => output?.Uses.Count > 0) is { } used)
                throw node.Refuse($"its output '{used.Name}' is used within the graph", "Use the gradient itself, which is its input 1");
            graph.Remove(node);
            foreach (Value input in unused.Where(input => input is { IsGraphInput: true, IsGraphOutput: false, Uses.Count: 0 })) graph.Remove(input);
        }
    }
}
