using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Opsets;

/// <summary>RMSNormalization in older operators: Y = X / √(mean(X²) + ε) ⊙ scale, the mean over the axes from `axis` on.</summary>
internal static class RmsForm
{
    /// <exception cref="GraphRewriteException">The rank is not known.</exception>
    public static Value Write(OpBuilder op, Node node)
    {
        Value x = node.In(0);
        long first = node.Int("axis", -1);
        if (first >= 0) first -= (x.Shape ?? throw OpsetUpgrades.Unsupported(node, "the rank of its input is not known")).Rank;
        ElementType stash = (ElementType)node.Int("stash_type", (long)ElementType.Float);
        return Of(op, x, node.In(1), Axes.Range((int)first, (int)-first), node.Float("epsilon", 1e-5f), stash);
    }

    public static Value Of(OpBuilder op, Value x, Value scale, long[] axes, float epsilon, ElementType stash)
    {
        Value wide = op.Cast(x, stash);
        Value rms = op.Sqrt(op.ReduceMean(wide * wide, axes, keepDims: true) + op.Constant(Tensor.Scalar(stash, epsilon)));
        return op.Cast(wide / rms, x.Type == ElementType.Undefined ? stash : x.Type) * scale;
    }
}
