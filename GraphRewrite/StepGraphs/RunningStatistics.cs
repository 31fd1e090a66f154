using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.StepGraphs;

/// <summary>
/// BatchNormInternal's outputs 1 and 2 are the new running mean and variance of its inputs 3 and 4; here they become outputs NAME.new.
/// </summary>
internal static class RunningStatistics
{
    private static readonly OpId BatchNorm = "com.microsoft::BatchNormInternal";

    /// <summary>The names of the statistics that a step updates.</summary>
    /// <exception cref="GraphRewriteException">One statistic belongs to two layers.</exception>
    public static string[] MarkOutputs(Graph graph, StepNames stepNames)
    {
        var names = new List<string>();
        foreach (Node node in graph.Nodes.Where(node => node.Op == BatchNorm).ToArray())
        {
            for (int output = 1; output <= 2; output++)
            {
                Value old = node.In(output + 2);
                if (node.OutOrNull(output) is not { } updated || !old.IsGraphInput) continue;
                if (names.Contains(old.Name))
                    throw node.Refuse($"it is the second BatchNormalization that uses the running statistic '{old.Name}'", "Give each layer its own");
                string name = stepNames.New(old.Name);
                if (updated.Name != name) graph.Vacate(name);
                graph.Rename(updated, name);
                updated.Declaration = null;
                (updated.Type, updated.Shape) = (old.Type, old.Shape);
                graph.MarkOutput(updated);
                names.Add(old.Name);
            }
        }
        return [.. names];
    }
}
