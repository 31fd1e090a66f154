using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>What no output leads to: everything of BEFORE must be found in AFTER all the same, and AFTER may have nothing else.</summary>
internal sealed class Remainder(
    Graph before, Graph after, Correspondence walk, IReadOnlyList<LayerGradient> gradients, IReadOnlyList<ReplacedSubgraph> replaced)
{
    private readonly Lazy<ILookup<string, Value>> made = new(() => after.Nodes.SelectMany(node => node.Outputs).OfType<Value>()
        .ToLookup(walk.SignaturesAfter.Of));

    public IEnumerable<string> Differences()
    {
        HashSet<Node> excused = Excused();
        foreach (Node node in before.Nodes.Reverse())
        {
            if (walk.HasBefore(node) || excused.Contains(node)) continue;
            if (Twin(node) is { } twin) walk.Follow(node.Outputs.OfType<Value>().First(), twin, $"unused node {node}");
            else yield return $"AFTER has no counterpart of node {node}";
        }
        HashSet<Node> inside = [.. replaced.SelectMany(subgraph => subgraph.Nodes)];
        foreach (Node node in after.Nodes.Where(node => !walk.HasAfter(node) && !inside.Contains(node)))
            yield return $"AFTER has the node {node}, which is neither in BEFORE nor in a replaced subgraph";
        foreach (Value stored in before.Initializers.Where(stored => stored.Uses.Count == 0 && !walk.HasBefore(stored)))
        {
            string? difference = after.Find(stored.Name) is { } same ? Contents.Difference(stored, same) : "missing in AFTER";
            if (difference is not null) yield return $"unused initializer '{stored.Name}': {difference}";
        }
        foreach (Value stored in after.Initializers.Where(stored => !stored.IsUsed && before.Find(stored.Name) is null))
            yield return $"AFTER has the unused initializer '{stored.Name}', BEFORE does not";
    }

    /// <summary>An unmatched value of AFTER with the same cone.</summary>
    private Value? Twin(Node node) => node.Outputs.OfType<Value>().FirstOrDefault() is { } output
        ? made.Value[walk.SignaturesBefore.Of(output)].FirstOrDefault(value => !walk.HasAfter(value.Producer!))
        : null;

    /// <summary>In the dual form dW is not needed: the node that made nothing else may go, with the views that only it read.</summary>
    private HashSet<Node> Excused()
    {
        var excused = new HashSet<Node>();
        HashSet<Value> dropped = [.. gradients.Select(gradient => gradient.DW).Where(walk.Replaced.ContainsKey)];
        HashSet<Value> sources = [.. gradients.SelectMany(gradient => gradient.Sources)];
        foreach (Node node in before.Nodes.Reverse())
        {
            Value[] outputs = [.. node.Outputs.OfType<Value>()];
            bool mayLeadThere = Walk.IsView(node) || node.Op.Type is "Gemm" or "MatMul" or "FusedMatMul";
            bool onTheWay = outputs.Any(dropped.Contains) || (mayLeadThere && outputs.Any(sources.Contains));
            if (onTheWay && outputs.All(IsUnneeded)) excused.Add(node);
        }
        return excused;

        bool IsUnneeded(Value value) =>
            dropped.Contains(value) || (!value.IsGraphOutput && value.Uses.Count > 0 && value.Uses.All(use => excused.Contains(use.Node)));
    }
}
