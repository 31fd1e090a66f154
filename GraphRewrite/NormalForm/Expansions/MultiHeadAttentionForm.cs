using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// com.microsoft::MultiHeadAttention on Q [N, S, h·d], K [N, T, h·d], V [N, T, h·v], with a bias [h·(2d + v)], a padding mask of the keys [N, T] and
/// a bias of the scores: Y = softmax(s Q Kᵀ + bias) V per head, s = 1 / √d by default.
/// </summary>
internal static class MultiHeadAttentionForm
{
    public static IReadOnlyList<Value?> Write(OpBuilder op, Node n)
    {
        if (n.Inputs.Skip(6).Any(input => input is not null)) throw n.Refuse("keys and values of earlier steps have no gradient here");
        if (n.InOrNull(1) is null || n.InOrNull(2) is null || Width(n, 0) is not { } q || Width(n, 1) is not { } k || Width(n, 2) is not { } v)
            throw n.Refuse("packed or already split queries, keys and values have no gradient here", "Export the model before it is optimized");
        long heads = n.Int("num_heads", 1);
        Value[] parts = Biased(op, n, q, k, v);
        Value[] split = [.. parts.Zip([q, k, v], (x, width) => op.Transpose(op.Reshape(x, 0, 0, heads, width / heads), 0, 2, 1, 3))];
        double scale = n.Float("scale", 0) is not 0 and var given ? given : 1 / Math.Sqrt(q / (double)heads);
        Value scores = op.MatMul(split[0], op.Transpose(split[1], 0, 1, 3, 2)) * op.ScalarLike(split[0], scale); // [N, h, S, T]
        if (n.InOrNull(5) is { } bias) scores += bias;
        scores = Masked(op, n, scores);
        Value y = op.MatMul(op.Op("Softmax", [scores], ("axis", -1)), split[2]);
        return [op.Reshape(op.Transpose(y, 0, 2, 1, 3), 0, 0, v)];
    }

    private static long? Width(Node n, int input) => n.In(input).Shape is { Rank: 3 } shape && shape[2].IsKnown ? shape[2].Value : null;

    private static Value[] Biased(OpBuilder op, Node n, long q, long k, long v)
    {
        Value[] parts = [n.In(0), n.In(1), n.In(2)];
        if (n.InOrNull(3) is not { } bias) return parts;
        return [.. parts.Zip(op.Split(bias, 0, q, k, v), (x, own) => x + own)];
    }

    /// <summary>Keys that do not count get mask_filter_value; unidirectional, row i sees columns 0 to i.</summary>
    private static Value Masked(OpBuilder op, Node n, Value scores)
    {
        Value filtered = op.ScalarLike(scores, n.Float("mask_filter_value", -10000));
        if (n.InOrNull(4) is { } mask)
        {
            if (mask.Shape is not { Rank: 2 }) throw n.Refuse("a key_padding_mask that is not [N, T] has no gradient here");
            Value counts = op.Op("Greater", [mask, op.Constant(Tensor.Scalar(0))]);
            scores = op.Where(op.Unsqueeze(counts, 1, 2), scores, scores + filtered);
        }
        if (n.Int("unidirectional", 0) == 0) return scores;
        Value rows = op.Range(op.Extent(scores, 2)), columns = op.Range(op.Extent(scores, 3));
        return op.Where(op.Op("LessOrEqual", [columns, op.Unsqueeze(rows, 1)]), scores, filtered);
    }
}
