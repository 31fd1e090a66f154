using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// Weights that the exporter computed something of (Transpose for MatMul, a slice of the positions) and stored under a made-up name:
/// onnx::MatMul_50, val_37.
/// </summary>
internal static class RenamedWeights
{
    /// <summary>The tensors, and the parameter that each was, where the using node's module says so.</summary>
    public static IEnumerable<(Value Stored, string? Parameter)> Find(Graph graph, TorchRecord record)
    {
        HashSet<Value> folded = [.. FoldedBatchNorm.Nodes(graph, record).SelectMany(node => node.Inputs).OfType<Value>()];
        foreach (Value value in graph.Initializers.Where(value => value.Type.IsFloating() && record.IsAnonymous(value)))
        {
            if (folded.Contains(value)) continue;
            Use[] uses = [.. Walk.UsesThroughViews(value)];
            if (IsSingle(value) && !uses.Any(use => use.Node.Op == "PRelu")) continue; // one slope for all channels is PReLU's default
            if (Array.Find(uses, WeightSlots.IsWeight) is { Node: { } node })
                yield return (value, TorchRecord.ModuleOf(node) is { Length: > 0 } module ? $"{module}.weight" : null);
            else if (!record.IsDynamo && uses.Length > 0) yield return (value, null);
        }
    }

    public static Phrase? Describe(Graph graph, TorchRecord record)
    {
        string[] renamed = [.. Find(graph, record).Select(found => Words(found.Stored, found.Parameter))];
        if (renamed.Length == 0) return null;
        return $"Constant folding has transposed or sliced and renamed {NameList.Of(renamed, "parameter")}: "
            + $"trained under that name, which {Setting.Layers}, {Setting.Freeze} and the checkpoint use too";
    }

    private static string Words(Value stored, string? parameter) =>
        parameter is null ? $"'{stored.Name}'" : $"'{stored.Name}' was {parameter}";

    private static bool IsSingle(Value value) => value.Shape is { IsStatic: true } shape && shape.Size.Value <= 1;
}
