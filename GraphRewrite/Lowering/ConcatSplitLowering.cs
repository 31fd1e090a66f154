using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>Concat that also tells its parts' lengths, and the Split that takes them.</summary>
internal static class ConcatSplitLowering
{
    /// <summary>ConcatTraining(xs) → Y, the length of every part along the axis.</summary>
    public static IReadOnlyList<Value?> Concat(OpBuilder op, Node node, LoweringContext context)
    {
        long axis = node.Int("axis", 0);
        Value[] parts = [.. node.Inputs.OfType<Value>()];
        Value joined = op.Op("Concat", parts, ("axis", axis));
        return [joined, node.IsOutputUsed(1) ? op.Op("Concat", [.. parts.Select(part => Length(op, part, axis))], ("axis", 0)) : null];
    }

    /// <summary>SplitTraining(dY, lengths) → the parts.</summary>
    public static IReadOnlyList<Value?> Split(OpBuilder op, Node node, LoweringContext context) =>
        op.Ops("Split", [node.In(0), node.In(1)], node.Outputs.Count, ("axis", node.Int("axis", 0)));

    private static Value Length(OpBuilder op, Value part, long axis) =>
        part.Shape is { } shape && shape[shape.Axis(axis)] is { IsKnown: true } extent
            ? op.Ints(extent.Value)
            : op.Gather(op.Shape(part), op.Ints(axis));
}
