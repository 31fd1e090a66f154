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
    private readonly HashSet<string> others;

    /// <param name="training">The training graph; stays as it is.</param>
    /// <param name="values">What it hands out beside gradients and losses.</param>
    public GradientProbe(Model training, IEnumerable<Value> values)
    {
        Model = training.Clone();
        Graph graph = Model.Graph;
        ShapeInference.Apply(graph);
        Gradients = ParameterGradients.Of(graph).DistinctBy(pair => pair.Parameter)
            .ToDictionary(pair => pair.Parameter, pair => pair.Gradient.Name);
        IEnumerable<Value> kept = graph.Outputs.Where(output => output.Producer is not { } node || !ParameterGradients.IsAccumulator(node));
        Losses = [.. kept.Select(output => output.Name).Except(Gradients.Values)];
        others = [.. Losses, .. values.Select(value => value.Name)];
        RemoveAccumulators(graph);
        foreach (string name in Gradients.Values.Concat(others).Distinct())
            if (graph.Get(name) is { IsGraphOutput: false, IsGraphInput: false, IsInitializer: false } value) graph.MarkOutput(value);
        RandomSeeds.Apply(graph, seed: 1); // both graphs must draw the same numbers
        RemoveUnused(graph);
    }

    public Model Model { get; }

    /// <summary>The names of the gradients by parameter.</summary>
    public Dictionary<string, string> Gradients { get; }

    /// <summary>The outputs that are no gradients.</summary>
    public IReadOnlyList<string> Losses { get; }

    /// <summary>A model that hands out the gradients of these parameters only, and all other values or none.</summary>
    public Model Of(IEnumerable<string> parameters, bool withOthers)
    {
        HashSet<string> kept = [.. parameters.Select(parameter => Gradients[parameter]), .. withOthers ? others : []];
        Model part = Model.Clone();
        part.Graph.UnmarkOutputs(output => !kept.Contains(output.Name));
        RemoveUnused(part.Graph);
        return part;
    }

    private static void RemoveUnused(Graph graph)
    {
        RemoveUnusedNodes.Apply(graph);
        foreach (Value input in graph.Inputs.Where(input => !input.IsUsed).ToArray()) graph.Remove(input);
    }

    private static void RemoveAccumulators(Graph graph)
    {
        graph.UnmarkOutputs(output => output.Producer is { } node && ParameterGradients.IsAccumulator(node));
        foreach (Node node in graph.Nodes.Where(ParameterGradients.IsAccumulator).ToArray()) graph.Remove(node);
    }
}
