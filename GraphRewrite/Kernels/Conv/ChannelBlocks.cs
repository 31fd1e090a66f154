using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// ONNX Runtime's NCHWc layout (its NchwcTransformer): channels in blocks of B that lie together, X as [N, C/B, H, W, B], W as
/// [O/B, C/B, kh, kw, B, B], both under their plain shape. The runtime itself uses it for constant weights only; its nodes are open to anyone on the
/// CPU provider.
/// </summary>
internal sealed class ChannelBlocks(OpBuilder op, int block)
{
    /// <summary>Whether a convolution has the layout: two axes, whole blocks of channels, no groups.</summary>
    public static bool Fit(Convolution conv, LoweringTarget target) =>
        conv.Groups == 1 && Fit(conv.Window.Rank, conv.Inputs, conv.W.Type, target) && conv.Outputs % target.ChannelBlock == 0;

    /// <summary>Whether a convolution's output has the layout, and its input fewer channels than a block: the runtime takes those as they lie.</summary>
    public static bool FitFewInputs(Convolution conv, LoweringTarget target) =>
        conv.Groups == 1 && conv.Inputs < target.ChannelBlock && Fit(conv.Window.Rank, conv.Outputs, conv.W.Type, target);

    /// <summary>Whether a value has the layout.</summary>
    public static bool Fit(int axes, long channels, ElementType type, LoweringTarget target) =>
        target is { Device: ExecutionDevice.Cpu, ChannelBlock: > 0 } && axes == 2 && channels % target.ChannelBlock == 0
        && type is ElementType.Float or ElementType.Undefined;

    public Value Blocked(Value x) => op.Op($"{OpId.Nchwc}::ReorderInput", [x]);

    public Value Plain(Value x, long channels) => op.Op($"{OpId.Nchwc}::ReorderOutput", [x], ("channels", channels));

    /// <summary>X [N, C, H, W] → [N, H, W, C], likewise by way of blocks, which X may have already; a single block lies so anyway.</summary>
    public Value ToChannelsLast(Value x, long channels, long[] extents) => channels == block
        ? op.Reshape(Blocked(x), [-1, .. extents, channels])
        : op.Op($"{OpId.Nchwc}::ReorderOutput", [Blocked(x)], ("channels", channels), ("channels_last", 1L));

    /// <summary>X [N, H, W, C] → [N, C, H, W] by way of blocks: two passes of several threads, where Transpose has one and takes three times as long.</summary>
    public Value FromChannelsLast(Value x, long channels) => Plain(op.Op($"{OpId.Nchwc}::ReorderInput", [x], ("channels_last", 1L)), channels);

    /// <summary>Conv of blocked values.</summary>
    public Value Conv(Value x, Value weight, params (string Name, object Value)[] attributes) => Conv(x, weight, null, attributes);

    public Value Conv(Value x, Value weight, Value? bias, params (string Name, object Value)[] attributes) =>
        op.Op($"{OpId.Nchwc}::Conv", bias is null ? [x, weight] : [x, weight, bias], attributes);

    /// <summary>W [O, C, K], C below B, → [O/B, C, K, B].</summary>
    public Value WeightOfFewInputs(Convolution conv) => op.Reshape(Outermost(conv), conv.WeightShape);

    /// <summary>W [O, C, K] → [O/B, C/B, K, B, B'], C's blocks outside those of O.</summary>
    public Value Weight(Convolution conv)
    {
        (long outputs, long inputs, long taps) = (conv.Outputs, conv.Inputs, conv.Window.Taps);
        Value rows = op.Reshape(Outermost(conv), -1, block);
        var order = new long[outputs / block * inputs * taps];
        int next = 0;
        for (long o = 0; o < outputs / block; o++)
            for (long c = 0; c < inputs; c += block)
                for (long k = 0; k < taps; k++)
                    for (long inner = c; inner < c + block; inner++)
                        order[next++] = (((o * inputs) + inner) * taps) + k;
        return op.Reshape(op.Gather(rows, op.Ints(order)), conv.WeightShape);
    }

    /// <summary>W [O, C, K] with O and C exchanged and some kernel positions in reverse → [C/B, O/B, −K', B', B].</summary>
    public Value FlippedWeight(Convolution conv, long[] positions, long[] kernel)
    {
        (long outputs, long inputs, long taps) = (conv.Outputs, conv.Inputs, conv.Window.Taps);
        Value rows = op.Reshape(Blocked(conv.W), -1, block); // [O, C/B, K] rows of B inputs
        var order = new long[inputs / block * outputs * positions.Length];
        int next = 0;
        for (long c = 0; c < inputs / block; c++)
            for (long o = 0; o < outputs; o += block)
                foreach (long k in positions.Reverse())
                    for (long inner = o; inner < o + block; inner++)
                        order[next++] = (((inner * (inputs / block)) + c) * taps) + k;
        return op.Reshape(op.Gather(rows, op.Ints(order)), [inputs, outputs, .. kernel]);
    }

    /// <summary>
    /// Y [N, O, P], which the runtime may have in blocks already, as the weight of a convolution of N: [O/B, N/B, P, B, B']. First whole images are
    /// put in order, then the positions of each B of them, so that the numbers of what is gathered stay few.
    /// </summary>
    public Value Kernels(Value y, long images, long channels, long[] extents)
    {
        (long blocks, long positions) = (channels / block, extents.Product());
        Value rows = op.Reshape(Blocked(y), -1, positions * block); // [N·O/B, P·B']
        long[] imagesFirst = [.. from c in Axes.Range(0, (int)blocks) from n in Axes.Range(0, (int)images) select (n * blocks) + c];
        if (blocks > 1) rows = op.Gather(rows, op.Ints(imagesFirst)); // [O/B·N, P·B']
        Value pixels = op.Reshape(rows, -1, block * positions, block);
        long[] positionsFirst = [.. from p in Axes.Range(0, (int)positions) from n in Axes.Range(0, block) select (n * positions) + p];
        return op.Reshape(op.Gather(pixels, op.Ints(positionsFirst), axis: 1), [channels, images, .. extents]);
    }

    /// <summary>Zeros around the last axis of a blocked X of a plain shape.</summary>
    public Value PadLast(Value x, long[] shape, long begin, long end)
    {
        if (begin == 0 && end == 0) return x;
        Value rows = op.Reshape(x, [-1, shape[^1], block]); // [N·C/B·H, W, B]
        return op.Reshape(op.Pad(rows, [0, begin, 0, 0, end, 0]), [.. shape[..^1], begin + shape[^1] + end]);
    }

    /// <summary>W [O, C, K] → [O/B, C, K] rows of B outputs.</summary>
    private Value Outermost(Convolution conv) =>
        Blocked(op.Reshape(conv.W, conv.Outputs / block, block, 1, conv.Inputs * conv.Window.Taps));
}
