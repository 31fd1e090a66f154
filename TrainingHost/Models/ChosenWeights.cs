using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.StepGraphs;

namespace TrainingHost.Models;

/// <summary>Weights for a model: a checkpoint's, or the moving averages that it holds. Its file is read once.</summary>
/// <param name="path">The checkpoint's file.</param>
/// <param name="isAveraged">Whether the averages are meant.</param>
internal sealed class ChosenWeights(string path, bool isAveraged)
{
    private readonly Lazy<Checkpoint> checkpoint = new(() => Checkpoint.Read(path));

    public bool IsAveraged { get; } = isAveraged;

    /// <summary>The optimizer steps behind them, those before the run included.</summary>
    /// <exception cref="GraphRewriteException">The file cannot be read.</exception>
    public long Step => checkpoint.Value.OptimizerGroups is [var group, ..] ? group.Step : 0;

    /// <param name="graph">The graph that they are for: it tells what the averages are called.</param>
    /// <exception cref="GraphRewriteException">The file cannot be read, or has no averages.</exception>
    public Checkpoint For(TrainingGraph graph)
    {
        if (!IsAveraged) return checkpoint.Value;
        return StepInitials.Averaged(checkpoint.Value, StepNames.Beside(graph))
            ?? throw new GraphRewriteException($"{path}: holds no moving averages, although the run's settings have --ema. Take --weights last.");
    }
}
