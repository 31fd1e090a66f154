using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>Where a training graph hands out its gradients: what InPlaceAccumulatorV2 adds to P_grad.accumulation.buffer, or an output P_grad.</summary>
internal static class ParameterGradients
{
    public static bool IsAccumulator(Node node) => node.Op == "com.microsoft::InPlaceAccumulatorV2";

    /// <summary>The gradients by their parameter's name, in graph order.</summary>
    public static IReadOnlyList<(string Parameter, Value Gradient)> Of(Graph graph) =>
    [
        .. graph.Nodes.Where(IsAccumulator).Select(node => (GradientNames.ParameterOf(node.In(0).Name), node.In(1))),
        .. graph.Outputs.Where(output => GradientNames.IsGradient(output.Name)).Select(output => (GradientNames.ParameterOf(output.Name), output)),
    ];

    /// <summary>All values computed from the given ones, themselves included.</summary>
    public static HashSet<Value> Downstream(params IEnumerable<Value> from)
    {
        var seen = new HashSet<Value>(from);
        var open = new Stack<Value>(seen);
        while (open.TryPop(out Value? value))
        {
            foreach (Value output in value.Uses.SelectMany(use => use.Node.Outputs).OfType<Value>())
                if (seen.Add(output)) open.Push(output);
        }
        return seen;
    }

    /// <summary>All values that the given ones are computed from, themselves included.</summary>
    public static HashSet<Value> Upstream(params IEnumerable<Value> of)
    {
        var seen = new HashSet<Value>(of);
        var open = new Stack<Value>(seen);
        while (open.TryPop(out Value? value))
        {
            if (value.Producer is not { } producer) continue;
            foreach (Value input in producer.Inputs.OfType<Value>().Concat(producer.Captured))
                if (seen.Add(input)) open.Push(input);
        }
        return seen;
    }
}
