using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Opsets;

/// <summary>
/// Opset 23's Attention in older operators: Y = softmax(s Q Kᵀ + mask) V, s = 1 / √d by default, per head;
/// several query heads may share one of K and V.
/// </summary>
internal static class AttentionForm
{
    public static Value Write(OpBuilder op, Node node)
    {
        Refuse(node, node.Inputs.Skip(4).Any(input => input is not null), "it continues from past keys and values");
        Refuse(node, Enumerable.Range(1, node.Outputs.Count - 1).Any(node.IsOutputUsed), "an output besides Y is used");
        Refuse(node, node.Float("softcap", 0) != 0, "softcap is not 0");
        Value q = Heads(op, node, 0, "q_num_heads"), k = Heads(op, node, 1, "kv_num_heads"), v = Heads(op, node, 2, "kv_num_heads");
        long groups = Extent(node, q, 1) / Extent(node, k, 1);
        (k, v) = (Repeat(op, node, k, groups), Repeat(op, node, v, groups));
        double scale = node.Has("scale") ? node.Float("scale", 1) : 1 / Math.Sqrt(Extent(node, q, 3));
        Value scores = op.MatMul(q, op.Transpose(k, 0, 1, 3, 2)) * op.ScalarLike(q, scale);
        if (node.InOrNull(3) is { } mask)
            scores = mask.Type == ElementType.Bool ? op.Where(mask, scores, op.ScalarLike(scores, double.NegativeInfinity)) : scores + mask;
        if (node.Int("is_causal", 0) != 0) scores = Causal(op, scores);
        Value y = op.MatMul(op.Op("Softmax", [scores], ("axis", -1)), v);
        return IsFlat(node.In(0)) ? op.Reshape(op.Transpose(y, 0, 2, 1, 3), 0, 0, Extent(node, q, 1) * Extent(node, v, 3)) : y;
    }

    private static bool IsFlat(Value x) => x.Shape is { Rank: 3 };

    /// <summary>[N, S, heads · d] → [N, heads, S, d].</summary>
    private static Value Heads(OpBuilder op, Node node, int input, string attribute)
    {
        Value x = node.In(input);
        if (!IsFlat(x)) return x;
        long heads = node.Int(attribute, 0);
        Refuse(node, heads <= 0 || !x.Shape![2].IsKnown, $"{attribute} or the width of '{x.Name}' is not known");
        return op.Transpose(op.Reshape(x, 0, 0, heads, x.Shape![2].Value / heads), 0, 2, 1, 3);
    }

    /// <summary>Each head for as many query heads as share it.</summary>
    private static Value Repeat(OpBuilder op, Node node, Value x, long times)
    {
        if (times == 1) return x;
        (long heads, long width) = (Extent(node, x, 1), Extent(node, x, 3));
        Value repeated = op.Op("Tile", [op.Unsqueeze(x, 2), op.Ints(1, 1, times, 1, 1)]); // [N, heads, times, S, d]
        return op.Op("Reshape", [repeated, op.Ints(0, heads * times, -1, width)]);
    }

    /// <summary>Row i sees columns 0 to i.</summary>
    private static Value Causal(OpBuilder op, Value scores)
    {
        Value extents = op.Shape(scores);
        Value rows = op.Unsqueeze(Positions(op, extents, 2), 1), columns = Positions(op, extents, 3);
        return op.Where(op.Op("LessOrEqual", [columns, rows]), scores, op.ScalarLike(scores, double.NegativeInfinity));
    }

    private static Value Positions(OpBuilder op, Value extents, long axis) =>
        op.Range(op.Gather(extents, op.Constant(Tensor.Scalar(axis))));

    private static long Extent(Node node, Value x, int axis)
    {
        Refuse(node, x.Shape is not { Rank: 4 } shape || !shape[axis].IsKnown, $"axis {axis} of '{x.Name}' is not known");
        return x.Shape![axis].Value;
    }

    private static void Refuse(Node node, bool isSo, string reason)
    {
        if (isSo) throw OpsetUpgrades.Unsupported(node, reason);
    }
}
