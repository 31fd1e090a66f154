using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm;

namespace GraphRewrite.Forward;

/// <summary>A forward graph made for sizes that the model leaves open: symbols in the shapes of its inputs become extents.</summary>
internal static class BoundSizes
{
    /// <param name="graph">The forward graph as it was read; changed in place.</param>
    /// <param name="parameters">Inputs that are none of the user's.</param>
    /// <param name="options">The sizes.</param>
    /// <exception cref="GraphRewriteException">A size is less than 1, or contradicts the model.</exception>
    public static void Apply(Graph graph, Checkpoint parameters, ForwardOptions options)
    {
        if (options.Sizes is { } sizes)
        {
            HashSet<string> own = [.. parameters.Trainable.Keys, .. parameters.Frozen.Keys];
            Value[] inputs = [.. graph.Inputs.Where(input => !own.Contains(input.Name))];
            Dictionary<string, long> extents = sizes(inputs).ToDictionary();
            // A batch of another size may come, unless the first axis is a recurrent layer's time, or a loop runs over it.
            string? batch = inputs is [{ Shape: { Rank: > 0 } first }, ..] ? first[0].Symbols : null;
            bool loops = graph.Nodes.Any(node => UnrollLoops.Operators.Contains(node.Op));
            if (batch is not null && !loops && !Steps(graph, 1).ContainsKey(batch)) extents.Remove(batch);
            Bind(graph, extents);
        }
        if (options.Length is { } length) Bind(graph, Steps(graph, length));
    }

    private static void Bind(Graph graph, Dictionary<string, long> extents)
    {
        if (extents.Count == 0) return;
        if (extents.FirstOrDefault(pair => pair.Value < 1) is { Key: { } symbol, Value: var extent })
            throw graph.Refuse($"its extent '{symbol}' would be {extent}");
        ShapeInference.Bind(graph, extents);
    }

    /// <summary>The symbols that are the number of steps of a recurrent layer.</summary>
    private static Dictionary<string, long> Steps(Graph graph, long length)
    {
        ShapeInference.Apply(graph);
        IEnumerable<string> symbols = graph.Nodes.Where(node => UnrollRecurrent.Operators.Contains(node.Op))
            .Select(node => node.In(0).Shape is { Rank: 3 } x && x[0].Factor == 1 ? x[0].Symbols : null).OfType<string>();
        return symbols.Distinct().ToDictionary(symbol => symbol, _ => length);
    }
}
