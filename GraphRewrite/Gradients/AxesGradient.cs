using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Permuted, repeated and regrouped axes.</summary>
internal static class AxesGradient
{
    /// <summary>The inverse permutation.</summary>
    public static IReadOnlyList<Value?> OfTranspose(OpBuilder op, Node n, Value dY)
    {
        if (n.Ints("perm") is not { } perm) return [op.Op("Transpose", [dY])]; // reversing the axes is its own inverse
        if (!perm.Order().SequenceEqual(Axes.Range(0, perm.Length))) throw n.Refuse($"its perm [{string.Join(", ", perm)}] is no permutation");
        var inverse = new long[perm.Length];
        for (int axis = 0; axis < perm.Length; axis++) inverse[perm[axis]] = axis;
        return [op.Transpose(dY, inverse)];
    }

    /// <summary>Each axis of extent r·d is [r, d]; dX is the sum over the r.</summary>
    public static IReadOnlyList<Value?> OfTile(OpBuilder op, Node n, Value dY)
    {
        if (n.In(0).Shape is not { } x) throw n.Refuse("the rank of its input is not known", "Run ONNX shape inference on the model");
        if (x.Rank == 0) return [dY];
        Value pairs = op.Concat(1, op.Unsqueeze(n.In(1), 1), op.Unsqueeze(op.Shape(n.In(0)), 1)); // [rank, 2]
        Value split = op.Reshape(dY, op.Reshape(pairs, -1));
        return [op.ReduceSum(split, [.. Enumerable.Range(0, x.Rank).Select(axis => 2L * axis)], keepDims: false)];
    }

    /// <summary>SpaceToDepth; in CRD mode its channels [b², C] become [C, b²].</summary>
    public static IReadOnlyList<Value?> OfDepthToSpace(OpBuilder op, Node n, Value dY)
    {
        long b = n.Int("blocksize", 1);
        Value blocks = op.Op("SpaceToDepth", [dY], ("blocksize", b));
        if (n.String("mode", "DCR") != "CRD") return [blocks];
        Value extents = op.Shape(blocks); // [N, b²·C, H, W]
        Value spatial = op.Slice(extents, [0], [2], [4]);
        Value batch = op.Slice(extents, [0], [0], [1]);
        Value apart = op.Reshape(blocks, op.Concat(0, batch, op.Ints(b * b, -1), spatial));
        return [op.Reshape(op.Transpose(apart, 0, 2, 1, 3, 4), extents)];
    }
}
