using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.StepGraphs;

namespace TrainingHost.Models;

/// <summary>Weights for a model: a checkpoint's, or the moving averages that it holds.</summary>
/// <param name="Path">The checkpoint's file.</param>
/// <param name="IsAveraged">Whether the averages are meant.</param>
internal sealed record ChosenWeights(string Path, bool IsAveraged)
{
    /// <param name="graph">The graph that they are for: it tells what the averages are called.</param>
    /// <exception cref="GraphRewriteException">The file cannot be read, or has no averages.</exception>
    public Checkpoint For(TrainingGraph graph)
    {
        var checkpoint = Checkpoint.Read(Path);
        if (!IsAveraged) return checkpoint;
        return StepInitials.Averaged(checkpoint, StepNames.Beside(graph))
            ?? throw new GraphRewriteException($"{Path}: holds no moving averages, although the run's settings have --ema. Take --weights last.");
    }
}
