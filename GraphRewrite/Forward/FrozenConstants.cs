using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// Parameters that became constants: a Constant node where a weight belongs, or (dynamo) a parameter of the signature that the file no longer has
/// although its module is there: a class token expanded for the traced batch.
/// </summary>
internal static class FrozenConstants
{
    public static Phrase? Describe(Graph graph, TorchRecord record)
    {
        string[] frozen = [.. Stored(graph).Select(name => $"'{name}'"), .. Unexplained(graph, record)];
        if (frozen.Length == 0) return null;
        return $"What looks like parameters is frozen into constants ({NameList.Of(frozen, "tensor")}): they are not trained. "
            + $"Where the model's own code makes them, they must be nn.Parameter";
    }

    private static IEnumerable<string> Stored(Graph graph) => graph.Nodes.Where(IsWeight).Select(node => node.Out(0).Name);

    private static bool IsWeight(Node constant) =>
        constant.Op == "Constant" && constant.TensorAttribute("value") is { Length: > 1 } tensor && tensor.Type.IsFloating()
        && Walk.UsesThroughViews(constant.Out(0)).Any(WeightSlots.IsWeight);

    private static IEnumerable<string> Unexplained(Graph graph, TorchRecord record)
    {
        HashSet<string> explained = [.. MergedInitializers.Find(graph, record).SelectMany(names => names)];
        HashSet<string> folded = [.. FoldedBatchNorm.Modules(record)];
        (Value Stored, string? Parameter)[] renamed = [.. RenamedWeights.Find(graph, record)];
        explained.UnionWith(renamed.Select(found => found.Parameter).OfType<string>());
        ILookup<string, Node> modules = graph.Nodes
            .Where(node => TorchRecord.ModuleOf(node) is not null)
            .ToLookup(node => TorchRecord.ModuleOf(node)!);
        return record.LostParameters.Where(name =>
        {
            string module = name[..Math.Max(0, name.LastIndexOf('.'))];
            if (explained.Contains(name) || folded.Contains(module)) return false;
            if (module.Length == 0) return !renamed.Any(found => found.Parameter is null);
            return modules.Contains(module) && !modules[module].Any(node => TakesFromElsewhere(node, module));
        });
    }

    /// <summary>A tied weight: the module's node uses the other's.</summary>
    private static bool TakesFromElsewhere(Node node, string module) => node.Inputs.OfType<Value>().Any(input =>
        Walk.ViewsUp(input).Last() is { IsInitializer: true } stored
        && TorchRecord.IsDotted(stored.Name) && !stored.Name.StartsWith($"{module}.", StringComparison.Ordinal));
}
