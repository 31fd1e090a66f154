using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization.Validation;

/// <summary>What a model asks for once its functions are inlined, each within its limit: nodes, nesting, bytes of tensors.</summary>
internal sealed class ModelSize(FunctionTable functions)
{
    private readonly Dictionary<FunctionProto, Extent> known = [];
    private readonly HashSet<FunctionProto> open = [];
    private readonly long deepest = Limits.Nesting;

    /// <exception cref="GraphRewriteException">A limit is exceeded, or functions call each other in a circle.</exception>
    public static void Check(ModelProto model, FunctionTable functions)
    {
        var size = new ModelSize(functions);
        Extent graph = size.Of(model.Graph.Node, 0);
        foreach (FunctionProto function in model.Functions) size.Of(function, 0); // those too that nothing calls
        if (graph.Nodes > Limits.Nodes)
        {
            Phrase found = $"the graph has {graph.Nodes:N0} nodes once its functions are inlined";
            throw new GraphRewriteException(Limits.Exceeded(Setting.MaxNodes, found));
        }
        long bytes = 0;
        foreach (TensorProto tensor in StoredTensors.In(model)) bytes = Sum(bytes, TensorRules.ByteCount(tensor.Dims, tensor.DataType) ?? 0);
        if (bytes > Limits.ConstantBytes)
            throw new GraphRewriteException(Limits.Exceeded(Setting.MaxConstantBytes, $"its tensors have {bytes:N0} bytes in all"));
    }

    /// <summary>Of nodes that stand so deep.</summary>
    private Extent Of(IEnumerable<NodeProto> nodes, long depth)
    {
        if (depth > deepest) throw TooDeep();
        (long count, long height) = (0, 0);
        foreach (NodeProto node in nodes)
        {
            Extent called = functions.Of(node) is { } function ? Of(function, depth + 1) : new(1, 0);
            (count, height) = (Sum(count, called.Nodes), Math.Max(height, called.Height));
            foreach (GraphProto graph in node.Attribute.SelectMany(AttributeRules.Graphs))
            {
                Extent inner = Of(graph.Node, depth + 1);
                (count, height) = (Sum(count, inner.Nodes), Math.Max(height, inner.Height + 1));
            }
        }
        return new(count, height);
    }

    /// <summary>Of what a call becomes.</summary>
    private Extent Of(FunctionProto function, long depth)
    {
        if (!known.TryGetValue(function, out Extent extent))
        {
            if (!open.Add(function)) throw new GraphRewriteException($"its functions call each other in a circle, '{function.Name}' among them");
            Extent body = Of(function.Node, depth);
            open.Remove(function);
            known[function] = extent = body with { Height = body.Height + 1 };
        }
        return depth + extent.Height - 1 > deepest ? throw TooDeep() : extent;
    }

    private GraphRewriteException TooDeep() =>
        new(Limits.Exceeded(Setting.MaxNesting, $"its functions and subgraphs stand in each other more than {deepest} deep"));

    /// <summary>A sum that stays at the largest number.</summary>
    private static long Sum(long a, long b) => b > long.MaxValue - a ? long.MaxValue : a + b;

    /// <param name="Nodes">Once all calls are inlined.</param>
    /// <param name="Height">Floors of functions and subgraphs.</param>
    private readonly record struct Extent(long Nodes, long Height);
}
