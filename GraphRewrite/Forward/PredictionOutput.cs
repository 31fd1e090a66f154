using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// Which output of a forward model the loss is of: the first of floating type.
/// Class indices, masks and further predictions beside it are not trained.
/// </summary>
internal static class PredictionOutput
{
    /// <exception cref="GraphRewriteException">No output is of floating type.</exception>
    public static Value Of(Graph graph) => graph.Outputs.FirstOrDefault(output => output.Type.IsFloating())
        ?? throw new GraphRewriteException(graph.Outputs.Count == 0
            ? new Finding("the model has no output", "Export it with its prediction as an output")
            : new Finding(
                $"no output is a floating-point prediction; found {string.Join(", ", graph.Outputs)}",
                "Export the model with its logits or values as an output, not what is decided from them"));

    /// <summary>What the user should know where there are several; null where there is one.</summary>
    public static Finding? Note(Graph graph, Value prediction)
    {
        if (graph.Outputs.Count == 1) return null;
        IEnumerable<string> others = graph.Outputs.Where(output => output != prediction).Select(output => $"'{output.Name}'");
        return new($"The loss is of the output '{prediction.Name}', the first of floating type; not trained: {string.Join(", ", others)}");
    }
}
