using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Losses;
using GraphRewrite.StepGraphs;

namespace GraphRewrite.Forward;

/// <summary>A forward model with its loss, and which of its values is what.</summary>
/// <param name="BatchInputs">What a batch fills, labels last.</param>
/// <param name="HasLabels">Whether the last of them holds labels, as far as this library knows.</param>
/// <param name="Prediction">What is compared with the labels.</param>
/// <param name="Loss">The scalar output.</param>
internal sealed record ForwardAndLoss(IReadOnlyList<string> BatchInputs, bool HasLabels, string Prediction, string Loss)
{
    private const string LabelsName = "labels";

    /// <summary>Parameters become inputs, the graph its normal form, and the loss its output.</summary>
    /// <param name="model">The forward model; changed in place.</param>
    /// <param name="checkpoint">Its parameters.</param>
    /// <param name="outputs">Those that are trained.</param>
    /// <param name="options">What they are trained by.</param>
    /// <param name="normalize">Brings the graph into its normal form.</param>
    public static ForwardAndLoss Append(
        Model model, Checkpoint checkpoint, IReadOnlyList<TrainedOutput> outputs, ForwardOptions options, Action<Graph> normalize)
    {
        Graph graph = model.Graph;
        IEnumerable<string> names = graph.Initializers.Concat(graph.Inputs).Select(value => value.Name).Distinct();
        string[] parameters = [.. names.Where(name => checkpoint.Trainable.ContainsKey(name) || checkpoint.Frozen.ContainsKey(name))];
        foreach (string name in parameters)
        {
            Value value = graph.Get(name);
            if (value.IsInitializer) graph.RemoveInitializer(value);
            graph.MarkInput(value);
        }
        HashSet<string> kept = [.. outputs.Select(output => output.Name)];
        graph.UnmarkOutputs(output => !kept.Contains(output.Name));
        normalize(graph);
        IReadOnlyList<LossTerm> terms = PredictionOutput.Terms(graph, outputs, options.Loss);
        (IReadOnlyList<Value> labels, Value loss) = SummedLoss.Append(graph, terms, options.SharesLabels, LabelsName);
        foreach (string output in kept) graph.UnmarkOutput(graph.Get(output));
        foreach (string name in parameters.Where(name => graph.Find(name) is not null))
        {
            graph.UnmarkInput(graph.Get(name));
            graph.MarkInput(graph.Get(name));
        }
        string[] batch = [.. graph.Inputs.Select(input => input.Name).Except(parameters)];
        string prediction = labels.Count > 0 ? outputs.First(output => (output.Loss ?? options.Loss).TakesLabels).Name
            : PredictionFinder.FindOrNull(graph, batch[^1])?.Name ?? loss.Name;
        if (labels.Count == 0) TrainingGraph.MarkUnlabelled(model);
        return new(batch, labels.Count > 0, prediction, loss.Name);
    }
}
