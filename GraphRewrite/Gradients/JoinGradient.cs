using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Concat and Split: each other's adjoint.</summary>
internal static class JoinGradient
{
    public static IReadOnlyList<Value?> OfConcat(OpBuilder op, Node n, Value dY)
    {
        if (n.Inputs.Count == 1) return [dY];
        int axis = (int)n.Int("axis", 0);
        Dim[] extents = [.. n.Inputs.Select(x => x!.Shape is { } shape ? shape[axis] : Dim.Unknown)];
        Value lengths = extents.All(extent => extent.IsKnown)
            ? op.Ints([.. extents.Select(extent => extent.Value)])
            : op.Concat(0, [.. n.Inputs.Select(x => op.Gather(op.Shape(x!), op.Ints(axis)))]);
        return op.Ops("Split", [dY, lengths], n.Inputs.Count, ("axis", axis));
    }

    public static IReadOnlyList<Value?> OfSplit(OpBuilder op, Node n, IReadOnlyList<Value?> dY)
    {
        Value[] parts = [.. n.Outputs.Select((y, i) => dY[i] ?? op.ZerosLike(y!))];
        return [op.Concat((int)n.Int("axis", 0), parts)];
    }
}
