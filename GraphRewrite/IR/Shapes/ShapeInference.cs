using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR.Shapes;

/// <summary>
/// Types and shapes of all values, with symbolic dimensions, and the contents of small integer tensors (shape arithmetic) as far as they are known.
/// A node whose operator has no rule leaves its outputs as they were declared.
/// </summary>
public static class ShapeInference
{
    /// <summary>Fills in types and shapes of all values, in execution order.</summary>
    /// <param name="graph">A sorted graph; changed in place.</param>
    /// <exception cref="GraphRewriteException">What the file declares contradicts what its nodes compute.</exception>
    public static void Apply(Graph graph) => Stage.ShapeInference.During(() =>
    {
        foreach (Node node in graph.Nodes) Infer(node, Contradiction);
    });

    /// <summary>Infers one node's outputs from its inputs; what is declared stays where inference knows less.</summary>
    internal static void Infer(Node node) => Infer(node, (_, _, inferred) => inferred);

    /// <summary>Replaces symbols ("batch") by extents everywhere, then infers again.</summary>
    internal static void Bind(Graph graph, IReadOnlyDictionary<string, long> extents)
    {
        foreach (Value value in graph.Values)
            if (value.Shape is { IsStatic: false } shape) value.Shape = new([.. shape.Select(dim => dim.Bind(extents))]);
        Apply(graph);
    }

    private static void Infer(Node node, Resolution conflict)
    {
        if (!ShapeRules.Table.TryGetValue(node.Op, out ShapeRule? rule)) return;
        IReadOnlyList<ValueInfo> inferred = Run(rule, node);
        for (int i = 0; i < Math.Min(inferred.Count, node.Outputs.Count); i++)
        {
            if (node.Outputs[i] is not { } output) continue;
            if (inferred[i].Type != ElementType.Undefined) output.Type = inferred[i].Type;
            output.Elements = inferred[i].Elements is { Count: > Dim.MaxElements } ? null : inferred[i].Elements;
            if (inferred[i].Shape is not { } shape) continue;
            if (shape.Any(dim => dim is { IsKnown: true, Factor: < 0 })) throw node.Misfit($"its output would have the extents {shape}");
            output.Shape = output.Shape is { } declared ? Merge(output, declared, shape, conflict) : shape;
        }
    }

    private static IReadOnlyList<ValueInfo> Run(ShapeRule rule, Node node)
    {
        try
        {
            return rule(node);
        }
        catch (GraphRewriteException e) when (e.Finding.Place.Node is null)
        {
            throw e.At(node.Where()); // arithmetic on extents knows no node
        }
    }

    /// <summary>
    /// The more specific dimension per axis: a known extent before a symbol before nothing; the inferred one where both are equally so.
    /// </summary>
    private static Shape Merge(Value output, Shape declared, Shape inferred, Resolution conflict)
    {
        if (declared.Rank != inferred.Rank) return conflict(output, declared, inferred);
        var merged = new Dim[inferred.Rank];
        for (int axis = 0; axis < merged.Length; axis++)
        {
            (Dim told, Dim found) = (declared[axis], inferred[axis]);
            if (told.IsKnown && found.IsKnown && told != found) return conflict(output, declared, inferred);
            merged[axis] = found.IsKnown ? found : told.IsKnown || found.IsUnknown ? told : found;
        }
        return new(merged);
    }

    private static Shape Contradiction(Value output, Shape declared, Shape inferred) => throw output.Producer!.Refuse(
        $"its output '{output.Name}' has the shape {inferred}, but the file declares {declared}",
        "Export the model again, or correct the declaration");

    /// <summary>What to do where a declared and an inferred shape contradict each other.</summary>
    private delegate Shape Resolution(Value output, Shape declared, Shape inferred);
}

/// <summary>
/// Types and shapes of a node's outputs, in order, from its inputs and attributes. Shorter than the outputs where the rest is not known.
/// </summary>
internal delegate IReadOnlyList<ValueInfo> ShapeRule(Node node);
