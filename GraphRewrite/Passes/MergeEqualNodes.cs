using System.Security.Cryptography;
using GraphRewrite.IR;

namespace GraphRewrite.Passes;

/// <summary>
/// Nodes with the same operator, inputs and attributes become one, and so do initializers of the same contents: lowerings that need the same
/// intermediate each emit it. Expects nodes in execution order.
/// </summary>
internal static class MergeEqualNodes
{
    private static readonly HashSet<string> Random =
        ["Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

    public static void Apply(Graph graph)
    {
        MergeInitializers(graph);
        var known = new Dictionary<string, List<Node>>();
        foreach (Node node in graph.Nodes.Where(CanMerge).ToArray())
        {
            string key = $"{node.Op}({string.Join(',', node.Inputs.Select(input => input?.Name))})";
            if (!known.TryGetValue(key, out List<Node>? alike)) known[key] = alike = [];
            Node? first = alike.Find(other => SameAttributes(node, other) && other.Outputs.Count >= node.Outputs.Count);
            if (first is not null) Replace(graph, node, first);
            else alike.Add(node);
        }
        RemoveUnusedNodes.Apply(graph);
    }

    private static bool CanMerge(Node node) =>
        !Random.Contains(node.Op.Type)
        && !node.Attributes.Any(attribute => attribute.Subgraphs.Any())
        && !node.Outputs.Any(output => output is { IsGraphOutput: true } or { Capturer: not null } || output?.Uses.Any(IsOverwritten) == true);

    /// <summary>BatchNormalization in training writes its statistics over these inputs.</summary>
    private static bool IsOverwritten(Use use) => use is { Node.Op.Type: "BatchNormalization", Index: 3 or 4 };

    private static bool SameAttributes(Node a, Node b) =>
        a.Attributes.Count == b.Attributes.Count && a.Attributes.All(attribute => b.Attributes.Any(attribute.SameAs));

    private static void Replace(Graph graph, Node node, Node first)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
            if (node.Outputs[i] is { } output && first.Outputs[i] is { } same) output.ReplaceAllUsesWith(same);
        if (!node.Outputs.Any(output => output?.Uses.Count > 0)) graph.Remove(node);
    }

    private static void MergeInitializers(Graph graph)
    {
        var known = new Dictionary<string, Value>();
        foreach (Value value in graph.Initializers.ToArray())
        {
            if (value is not { Initializer: not null, IsGraphInput: false, IsGraphOutput: false, Capturer: null }) continue;
            Tensor tensor = value.Initializer!;
            string key = $"{tensor} {Convert.ToHexString(SHA256.HashData(tensor.Data.Span))}";
            if (!known.TryAdd(key, value)) value.ReplaceAllUsesWith(known[key]);
        }
    }
}
