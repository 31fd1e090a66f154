using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;

namespace GraphRewrite.NormalForm;

/// <summary>SplitToSequence → SequenceAt(0), SequenceAt(1), … becomes Split, as exporters mean it.</summary>
internal static class SplitSequences
{
    public static HashSet<OpId> Operators { get; } = ["SplitToSequence", "SequenceAt"];

    public static void Apply(Graph graph)
    {
        bool hasReplaced = false;
        foreach (Node node in graph.Nodes.Where(node => node.Op == "SplitToSequence").ToArray())
        {
            Use[] uses = [.. node.Out(0).Uses];
            if (node.Out(0).IsGraphOutput || !uses.All(PicksOne)) continue;
            Replace(graph, node, [.. uses.Select(use => use.Node)]);
            hasReplaced = true;
        }
        if (hasReplaced) ShapeInference.Apply(graph); // what is made of a sequence's elements had no type until now
    }

    private static bool PicksOne(Use use) => use.Node.Op == "SequenceAt" && use.Node.In(1).Elements is [{ IsKnown: true }];

    private static void Replace(Graph graph, Node node, Node[] picks)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        int axis = (int)node.Int("axis", 0);
        long[] lengths = Lengths(node, axis);
        Value[] parts = op.Split(node.In(0), axis, lengths);
        bool squeezes = node.InOrNull(1) is null && node.Int("keepdims", 1) == 0;
        foreach (Node pick in picks)
        {
            long index = pick.In(1).Elements![0].Value;
            Value part = parts[index < 0 ? index + parts.Length : index];
            graph.Redefine(pick.Out(0), squeezes ? op.Squeeze(part, axis) : op.Identity(part));
            graph.Remove(pick);
        }
        graph.Remove(node);
    }

    /// <summary>A vector gives the lengths, a scalar the length of all but the last; without either each is 1.</summary>
    private static long[] Lengths(Node node, int axis)
    {
        if (node.InOrNull(1) is { Shape.Rank: 1, Elements: { } given } && given.All(part => part.IsKnown))
            return [.. given.Select(part => part.Value)];
        long length = node.InOrNull(1) is not { } chunk ? 1 : chunk.Elements is [{ IsKnown: true } known] ? known.Value : 0;
        if (length <= 0 || node.In(0).Shape is not { } shape || !shape[axis].IsKnown)
            throw node.Refuse("the lengths of its parts are not known", $"Export with fixed sizes along axis {axis}");
        long whole = shape[axis].Value;
        return [.. Enumerable.Range(0, (int)((whole + length - 1) / length)).Select(i => Math.Min(length, whole - (i * length)))];
    }
}
