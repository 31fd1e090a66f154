using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Losses;

namespace GraphRewrite.Forward;

/// <summary>
/// Which outputs of a forward model the loss is of: those that are chosen, else the first of floating type.
/// Class indices, masks and further predictions beside them are not trained.
/// </summary>
internal static class PredictionOutput
{
    /// <exception cref="GraphRewriteException">No output is of floating type, or a chosen one is not there.</exception>
    public static IReadOnlyList<TrainedOutput> Of(Graph graph, IReadOnlyList<TrainedOutput> chosen)
    {
        if (chosen.Count == 0) return [new(First(graph).Name)];
        foreach (TrainedOutput output in chosen)
        {
            if (graph.Outputs.FirstOrDefault(value => value.Name == output.Name) is not { } value)
                throw Refused(output, $"no such output; the model has {string.Join(", ", graph.Outputs.Select(other => $"'{other.Name}'"))}");
            if (!value.Type.IsFloating()) throw Refused(output, $"is {value.Type}{value.Shape}; a loss is of a floating-point output");
            if (!float.IsFinite(output.Weight)) throw Refused(output, $"its weight {output.Weight} is no number");
        }
        return chosen.DistinctBy(output => output.Name).Count() == chosen.Count ? chosen
            : throw Refused(chosen[0], $"an output is chosen twice: {string.Join(", ", chosen.Select(output => output.Name))}");
    }

    /// <summary>The terms of the loss.</summary>
    public static IReadOnlyList<LossTerm> Terms(Graph graph, IReadOnlyList<TrainedOutput> outputs, Loss loss) =>
        [.. outputs.Select(output => new LossTerm(graph.Get(output.Name), output.Loss ?? loss, output.Weight))];

    /// <summary>What the user should know where there are outputs that nobody chose or left out; null where there are none.</summary>
    public static Finding? Note(Graph graph, IReadOnlyList<TrainedOutput> trained, bool isChosen)
    {
        if (isChosen || graph.Outputs.Count == 1) return null;
        IEnumerable<string> others = graph.Outputs.Where(output => output.Name != trained[0].Name).Select(output => $"'{output.Name}'");
        return new(
            $"The loss is of the output '{trained[0].Name}', the first of floating type; not trained: {string.Join(", ", others)}",
            $"Choose others with {Setting.Outputs}");
    }

    private static Value First(Graph graph) => graph.Outputs.FirstOrDefault(output => output.Type.IsFloating())
        ?? throw new GraphRewriteException(graph.Outputs.Count == 0
            ? new Finding("the model has no output", "Export it with its prediction as an output")
            : new Finding(
                $"no output is a floating-point prediction; found {string.Join(", ", graph.Outputs)}",
                "Export the model with its logits or values as an output, not what is decided from them"));

    private static GraphRewriteException Refused(TrainedOutput output, Phrase found) =>
        new(new Finding(found) { Place = new() { Setting = Setting.Outputs, Given = output.Name } });
}
