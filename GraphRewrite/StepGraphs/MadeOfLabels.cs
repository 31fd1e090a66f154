using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>What a loss makes of the labels before the prediction comes in: their logarithm, whether they are zero.</summary>
internal static class MadeOfLabels
{
    /// <param name="graph">Forward and loss, with gradients or without; sorted.</param>
    /// <param name="labels">The labels, one of its inputs.</param>
    /// <returns>The labels, and every value that is computed from them and constants, and from no other input.</returns>
    public static IReadOnlySet<Value> In(Graph graph, Value labels)
    {
        HashSet<Value> ofLabels = [labels], ofOthers = [.. graph.Inputs.Where(input => input != labels)];
        foreach (Node node in graph.Nodes)
        {
            Value[] inputs = [.. Walk.Operands(node)], outputs = [.. node.Outputs.OfType<Value>()];
            if (inputs.Any(ofOthers.Contains)) ofOthers.UnionWith(outputs);
            else if (inputs.Any(ofLabels.Contains)) ofLabels.UnionWith(outputs);
        }
        return ofLabels;
    }
}
