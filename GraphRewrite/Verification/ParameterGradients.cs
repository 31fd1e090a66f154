using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>
/// Where a training graph hands out its gradients: what InPlaceAccumulatorV2 adds to P_grad.accumulation.buffer, or an output P_grad.
/// </summary>
internal static class ParameterGradients
{
    public static bool IsAccumulator(Node node) => node.Op == "com.microsoft::InPlaceAccumulatorV2";

    /// <summary>The gradients by their parameter's name, in graph order.</summary>
    public static IReadOnlyList<(string Parameter, Value Gradient)> Of(Graph graph) =>
    [
        .. graph.Nodes.Where(IsAccumulator).Select(node => (GradientNames.ParameterOf(node.In(0).Name), node.In(1))),
        .. graph.Outputs.Where(output => GradientNames.IsGradient(output.Name)).Select(output => (GradientNames.ParameterOf(output.Name), output)),
    ];
}
