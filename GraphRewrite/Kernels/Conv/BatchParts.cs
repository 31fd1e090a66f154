using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// The kernels of a weight gradient that is a convolution with dY, [O, N, OH, OW]: each output's row of a product is N·OH·OW long. Where such rows
/// share their places in the cache (see <see cref="CachePlaces"/>), the batch is dealt out into g parts, as groups of the convolution, whose rows do
/// not, and their gradients are added up.
/// </summary>
internal sealed class BatchParts
{
    private readonly OpBuilder op;
    private readonly ConvolutionGradient conv;

    public BatchParts(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
    {
        (this.op, this.conv) = (op, conv);
        Count = target.Device == ExecutionDevice.Cpu && conv.Groups == 1 ? CountOf(conv) : 1;
    }

    /// <summary>g; 1 where the rows are well apart anyway, or parts would not help.</summary>
    public long Count { get; }

    /// <summary>dY [N, O, …] → [g·O, N/g, …].</summary>
    public Value Kernels()
    {
        if (Count == 1) return op.Transpose(conv.DY, conv.Swapped());
        long[] positions = conv.Window.Output;
        Value parts = op.Reshape(conv.DY, [Count, conv.Batch / Count, conv.Outputs, .. positions]);
        parts = op.Transpose(parts, [0, 2, 1, .. conv.Window.Axes.Select(axis => axis + 1)]);
        return op.Reshape(parts, [Count * conv.Outputs, conv.Batch / Count, .. positions]);
    }

    /// <summary>Σ over the parts, [M, g·O, …] → [M, O, …]: ones · parts [g, O·…].</summary>
    /// <param name="gradients">What the convolution makes of all parts.</param>
    /// <param name="extents">Its extents behind the outputs.</param>
    public Value Sum(Value gradients, params long[] extents)
    {
        if (Count == 1) return gradients;
        Value sums = OnesProducts.Sum(op, op.Reshape(gradients, -1, Count, conv.Outputs * extents.Product()), Count);
        return op.Reshape(sums, [-1, conv.Outputs, .. extents]);
    }

    /// <summary>The fewest parts, each of whole images, whose rows do not share their places.</summary>
    private static long CountOf(ConvolutionGradient conv)
    {
        if (!conv.Window.IsKnown || conv.X.Shape is not { } shape || !shape[0].IsKnown || conv.W.Type is not (ElementType.Float or ElementType.Undefined))
            return 1;
        long row = conv.Batch * conv.Window.Output.Product(), count = 1;
        if (row == 0) return 1;
        while (CachePlaces.AreShared(row / count))
        {
            count *= 2;
            if (conv.Batch % count != 0) return 1;
        }
        return count;
    }
}
