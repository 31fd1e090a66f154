using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Optimizers;
using GraphRewrite.Passes;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// A weight that a step reads tap by tap alone is kept as its taps, P.tap0, P.tap1, …, each an input with a gradient of its own: no step takes it apart,
/// puts its gradient together or reorders either, and the optimizer works on pieces that a cache holds.
/// </summary>
internal static class ResidentTaps
{
    /// <param name="graph">Loss and gradients, lowered; changed in place.</param>
    /// <param name="trainable">The parameters.</param>
    /// <param name="names">Of the taps.</param>
    /// <returns>The parameters that are now kept as taps.</returns>
    public static IReadOnlyDictionary<string, StateTaps> Apply(Graph graph, IReadOnlyList<string> trainable, StepNames names)
    {
        var kept = new Dictionary<string, StateTaps>();
        foreach (string name in trainable)
        {
            Value w = graph.Get(name), dW = graph.Get(GradientNames.Of(name));
            if (w is not { IsGraphInput: true, IsGraphOutput: false, Shape: { IsStatic: true, Rank: > 2 } shape } || dW.Uses.Count > 0) continue;
            var weight = new WeightTaps(shape.Extents());
            if (shape[0].Value * shape[1].Value <= PackedParameters.SmallElements || weight.FindSplit(w) is not { } taps) continue;
            string[] inputs = [.. Enumerable.Range(0, weight.Count).Select(position => names.Tap(name, position))];
            foreach ((string input, Value? tap) in inputs.Zip(taps))
            {
                Value resident = StepGraphBuilder.Input(graph, input, w.Type, Shape.Of([.. weight.Tap]));
                tap?.ReplaceAllUsesWith(resident);
            }
            SplitGradient(graph, dW, weight, inputs);
            kept[name] = new(weight, inputs);
        }
        RemoveUnusedNodes.Apply(graph);
        foreach (string name in kept.Keys) graph.Remove(graph.Get(name));
        return kept;
    }

    /// <summary>The inputs that are trained, in the order of the parameters.</summary>
    public static IReadOnlyList<string> Inputs(IEnumerable<string> trainable, IReadOnlyDictionary<string, StateTaps> kept) =>
        [.. trainable.SelectMany(name => kept.TryGetValue(name, out StateTaps? taps) ? taps.Inputs : [name])];

    /// <summary>The taps of a gradient that was made of taps are those; another is taken apart.</summary>
    private static void SplitGradient(Graph graph, Value dW, WeightTaps weight, string[] inputs)
    {
        using OpBuilder op = graph.BuildAtEnd(dW.Name);
        Value?[] taps = weight.FindJoin(dW) ?? weight.Split(op, dW);
        for (int k = 0; k < inputs.Length; k++)
        {
            Value tap = taps[k] ?? op.Identity(op.Constant(Tensor.Filled(dW.Type.FloatIfUndefined(), weight.Tap, 0)));
            graph.Rename(tap, GradientNames.Of(inputs[k]));
            graph.MarkOutput(tap);
        }
        graph.UnmarkOutput(dW);
    }
}
