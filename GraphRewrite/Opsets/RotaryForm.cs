using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Opsets;

/// <summary>
/// Opset 23's RotaryEmbedding in older operators: pairs (a, b) of features become (a cos − b sin, a sin + b cos);
/// features beyond the rotary ones stay.
/// </summary>
internal static class RotaryForm
{
    public static Value Write(OpBuilder op, Node node)
    {
        Value x = node.In(0);
        bool isFlat = x.Shape is { Rank: 3 };
        long heads = node.Int("num_heads", 0);
        if (x.Shape is not { } shape || !shape[shape.Rank - 1].IsKnown || (isFlat && heads <= 0))
            throw OpsetUpgrades.Unsupported(node, "the width of its heads is not known");
        long last = shape[shape.Rank - 1].Value, width = isFlat ? last / heads : last;
        long rotary = node.Int("rotary_embedding_dim", 0) is > 0 and long given ? given : width;
        if (isFlat) x = op.Reshape(x, 0, 0, heads, width); // [N, S, heads, d]; else [N, heads, S, d]

        (Value cos, Value sin) = (Angles(op, node, 1, isFlat), Angles(op, node, 2, isFlat));
        bool alternate = node.Int("interleaved", 0) != 0;
        Value a = alternate ? op.Slice(x, [3], [0], [rotary], [2]) : op.Slice(x, [3], [0], [rotary / 2]);
        Value b = alternate ? op.Slice(x, [3], [1], [rotary], [2]) : op.Slice(x, [3], [rotary / 2], [rotary]);
        (Value turnedA, Value turnedB) = ((a * cos) - (b * sin), (a * sin) + (b * cos));
        Value turned = alternate
            ? op.Reshape(op.Concat(4, op.Unsqueeze(turnedA, 4), op.Unsqueeze(turnedB, 4)), 0, 0, 0, rotary)
            : op.Concat(3, turnedA, turnedB);
        if (rotary < width) turned = op.Concat(3, turned, op.Slice(x, [3], [rotary], [width]));
        return isFlat ? op.Reshape(turned, 0, 0, last) : turned;
    }

    /// <summary>[N, S, pairs], at the given positions of a cache, with an axis for the heads.</summary>
    private static Value Angles(OpBuilder op, Node node, int input, bool isFlat)
    {
        Value angles = node.InOrNull(3) is { } positions ? op.Gather(node.In(input), positions) : node.In(input);
        return op.Unsqueeze(angles, isFlat ? 2 : 1);
    }
}
