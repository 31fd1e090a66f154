using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// Values [N, C, …] as images [N·C/B, …, B]: B channels lie together where the target has the NCHWc layout and C is a number of whole blocks, else
/// B = 1. Strided slices and interleaving then move B elements at a time.
/// </summary>
internal sealed class BlockedImages(OpBuilder op, Shape shape, LoweringTarget target)
{
    private readonly long channels = shape[1].Value;
    private readonly bool blocked = target is { Device: ExecutionDevice.Cpu, ChannelBlock: > 0 }
        && shape.Rank == 4 && shape[1].Value % target.ChannelBlock == 0;

    private ChannelBlocks Blocks => new(op, target.ChannelBlock);

    private long Block => blocked ? target.ChannelBlock : 1;

    public Value Of(Value x)
    {
        long[] spatial = [.. x.Shape!.Skip(2).Select(dim => dim.Value)];
        return op.Reshape(blocked ? Blocks.Blocked(x) : x, [-1, .. spatial, Block]);
    }

    /// <summary>Back to [N, C, …].</summary>
    public Value Restored(Value images, long[] spatial)
    {
        Value x = op.Reshape(images, [-1, channels, .. spatial]);
        return blocked ? Blocks.Plain(x, channels) : x;
    }
}
