using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Forward;

/// <summary>
/// Parameters of equal value (the scales and biases of a fresh model, copied layers) that the exporter stored once.
/// Torchscript passes the one on under the other's name by an Identity; dynamo lets several modules use it.
/// A tied weight looks alike, but no fresh one is constant; a module that is used several times is one module.
/// </summary>
internal static class MergedInitializers
{
    /// <summary>The names that one initializer stands for, its own first.</summary>
    public static IEnumerable<string[]> Find(Graph graph, TorchRecord record) => graph.Initializers
        .Where(value => value.Type.IsFloating() && !record.IsAnonymous(value))
        .Select(value => record.IsDynamo ? UsedBySeveralModules(value) : PassedOn(value))
        .Where(names => names.Length > 1);

    public static Phrase? Describe(Graph graph, TorchRecord record)
    {
        string[] merged = [.. Find(graph, record).Select(names => string.Join(" = ", names.Length > 3 ? [.. names[..3], "…"] : names))];
        if (merged.Length == 0) return null;
        return $"Parameters of equal value are merged into {NameList.Of(merged, "tensor")}: each is trained as one tied parameter";
    }

    private static string[] PassedOn(Value value) =>
    [
        value.Name,
        .. value.Uses.Where(use => use.Node.Op == "Identity" && TorchRecord.IsDotted(use.Node.Out(0).Name)).Select(use => use.Node.Out(0).Name),
    ];

    private static string[] UsedBySeveralModules(Value value)
    {
        if (value.Initializer is not { Length: > 1 } tensor || !IsConstant(tensor)) return [value.Name];
        string leaf = value.Name[(value.Name.LastIndexOf('.') + 1)..];
        IEnumerable<Node> nodes = Walk.UsesThroughViews(value).Where(WeightSlots.IsParameter).Select(use => use.Node).Distinct();
        string[] modules = [.. nodes.Select(Parameter).Distinct()];
        return modules.Length > 1 ? [.. modules.Prepend(value.Name).Distinct()] : [value.Name];

        string Parameter(Node node) => TorchRecord.ModuleOf(node) is { } module ? $"{module}.{leaf}" : $"the {leaf} of '{node.Name}'";
    }

    private static bool IsConstant(Tensor tensor)
    {
        double[] elements = tensor.ToDouble();
        return Array.TrueForAll(elements, element => element == elements[0]);
    }
}
