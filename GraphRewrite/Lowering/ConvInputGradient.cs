using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>The forms of a convolution's input gradient: dX[n, c, i] = Σ_{o, k} dY[n, o, (i + pad − k·dilation) / stride] · W[o, c, k].</summary>
internal static class ConvInputGradient
{
    public static IReadOnlyList<IConvForm> Forms { get; } = [new FlippedConvolution(), new BlockedFlippedConvolution(), new TransposedConvolution(), new CroppedTransposedConvolution()];

    private static bool HasFullCorrelation(SlidingWindow window) => window.Strides.All(stride => stride == 1) && FullPads(window).All(pad => pad >= 0);

    private static long[] FullPads(SlidingWindow window) => [.. window.Pads.Select((pad, i) => window.Extent(i % window.Rank) - 1 - pad)];

    /// <summary>Stride 1: dX = Conv(dY, W with inputs and outputs exchanged and every kernel reversed), padded to the full correlation.</summary>
    private sealed class FlippedConvolution : IConvForm
    {
        public string Name => "flipped";

        public bool CanLower(Convolution conv, LoweringTarget target) => HasFullCorrelation(conv.Window);

        public double Cost(Convolution conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfFlippedConvolution(conv) : 0;

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target) => op.Op("Conv", [conv.Y, Flip(op, conv)],
            ("dilations", conv.Window.Dilations), ("pads", FullPads(conv.Window)), ("group", conv.Groups));

        private static Value Flip(OpBuilder op, Convolution conv)
        {
            (Value w, long[] kernel) = (conv.W, conv.Window.Kernel);
            if (conv.Groups == 1)
                w = op.Transpose(w, conv.Swapped()); // [C, O, k…]
            else if (conv.Outputs != conv.Groups || conv.Inputs != conv.Groups)
            {
                w = op.Reshape(w, [conv.Groups, conv.OutputsPerGroup, conv.InputsPerGroup, .. kernel]);
                w = op.Transpose(w, [0, 2, 1, .. conv.Window.Axes.Select(axis => axis + 1)]);
                w = op.Reshape(w, [conv.Inputs, conv.OutputsPerGroup, .. kernel]);
            }
            long[] axes = [.. conv.Window.Axes.Where(axis => kernel[axis - 2] > 1)];
            if (axes.Length == 0) return w;
            return op.Slice(w, axes, starts: [.. axes.Select(_ => -1L)], ends: [.. axes.Select(axis => -kernel[axis - 2] - 1)], steps: [.. axes.Select(_ => -1L)]);
        }
    }

    /// <summary>The flipped convolution in NCHWc blocks.</summary>
    private sealed class BlockedFlippedConvolution : IConvForm
    {
        public string Name => "blocked";

        public bool CanLower(Convolution conv, LoweringTarget target) => ChannelBlocks.Fit(conv, target) && HasFullCorrelation(conv.Window);

        public double Cost(Convolution conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfBlockedConvolution(conv) : 0;

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target)
        {
            var blocks = new ChannelBlocks(op, target.ChannelBlock);
            return blocks.Conv(conv.Y, blocks.FlippedWeight(conv), conv.Inputs, bias: null,
                ("kernel_shape", conv.Window.Kernel), ("dilations", conv.Window.Dilations), ("pads", FullPads(conv.Window)));
        }
    }

    /// <summary>dX = ConvTranspose(dY, W); output_padding makes up for the rest that a strided window leaves.</summary>
    private sealed class TransposedConvolution : IConvForm
    {
        public string Name => "transposed";

        public bool CanLower(Convolution conv, LoweringTarget target) => WindowSum.CanTranspose(conv.Window, target);

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfTransposedConvolution(conv);

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target) => WindowSum.Transposed(op, conv.Y, conv.W, conv.Window, conv.Groups);
    }

    /// <summary>dX = ConvTranspose(dY, W) without pads, cut to X's run-time extents: needs no spatial extent.</summary>
    private sealed class CroppedTransposedConvolution : IConvForm
    {
        public string Name => "cropped";

        public bool CanLower(Convolution conv, LoweringTarget target) => true;

        public double Cost(Convolution conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfTransposedConvolution(conv) * 1.1 : 1;

        public Value Emit(OpBuilder op, Convolution conv, LoweringTarget target) => WindowSum.Cropped(op, conv.Y, conv.W, conv.X, conv.Window, conv.Groups);
    }
}
