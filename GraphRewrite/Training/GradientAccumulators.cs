using GraphRewrite.IR;

namespace GraphRewrite.Training;

/// <summary>
/// InPlaceAccumulatorV2 writes a gradient into a buffer that ONNX Runtime Training owns. A step graph hands the gradient on instead:
/// the accumulators go, with their buffers, flags and the reset input.
/// </summary>
internal static class GradientAccumulators
{
    private static readonly OpId Accumulator = "com.microsoft::InPlaceAccumulatorV2";

    public static void Remove(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == Accumulator).ToArray())
        {
            Value[] unused = [node.In(0), .. node.Inputs.Skip(2).OfType<Value>()];
            foreach (Value output in node.Outputs.OfType<Value>().Where(output => output.IsGraphOutput)) graph.UnmarkOutput(output);
            graph.Remove(node);
            foreach (Value input in unused.Where(input => input.IsGraphInput && input.Uses.Count == 0)) graph.Remove(input);
        }
    }
}
