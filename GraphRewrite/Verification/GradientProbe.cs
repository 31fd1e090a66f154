using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;
using GraphRewrite.StepGraphs;

namespace GraphRewrite.Verification;

/// <summary>
/// A copy of a training graph that hands out its gradients themselves, instead of adding them to buffers, and any other values asked for.
/// </summary>
internal sealed class GradientProbe
{
    public GradientProbe(Model training, IEnumerable<Value> others)
    {
        Model = training.Clone();
        Graph graph = Model.Graph;
        ShapeInference.Apply(graph);
        Gradients = ParameterGradients.Of(graph).DistinctBy(pair => pair.Parameter).ToDictionary(pair => pair.Parameter, pair => pair.Gradient.Name);
        IEnumerable<Value> kept = graph.Outputs.Where(output => output.Producer is not { } node || !ParameterGradients.IsAccumulator(node));
        HashSet<string> gradients = [.. Gradients.Values];
        Losses = [.. kept.Select(output => output.Name).Where(name => !gradients.Contains(name))];
        RemoveAccumulators(graph);
        foreach (string name in Gradients.Values.Concat(others.Select(value => value.Name)).Distinct())
            if (graph.Get(name) is { IsGraphOutput: false, IsGraphInput: false, IsInitializer: false } value) graph.MarkOutput(value);
        RandomSeeds.Apply(graph, seed: 1); // both graphs must draw the same numbers
        RemoveUnusedNodes.Apply(graph);
        foreach (Value input in graph.Inputs.Where(input => !input.IsUsed).ToArray()) graph.Remove(input);
    }

    public Model Model { get; }

    /// <summary>The names of the gradients by parameter.</summary>
    public Dictionary<string, string> Gradients { get; }

    /// <summary>The outputs that are no gradients.</summary>
    public IReadOnlyList<string> Losses { get; }

    private static void RemoveAccumulators(Graph graph)
    {
        graph.UnmarkOutputs(output => output.Producer is { } node && ParameterGradients.IsAccumulator(node));
        foreach (Node node in graph.Nodes.Where(ParameterGradients.IsAccumulator).ToArray()) graph.Remove(node);
    }
}
