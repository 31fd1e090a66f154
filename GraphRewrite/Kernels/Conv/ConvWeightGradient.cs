using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The forms of a convolution's weight gradient: dW[o, c, k] = Σ_{n, i} dY[n, o, i] · X[n, c, i·stride + k·dilation − pad].</summary>
internal static class ConvWeightGradient
{
    public static IReadOnlyList<IFormulation<ConvolutionGradient>> Formulations { get; } =
    [
        new BlockedConvolution(), new VolumeConvolution(), new StackedTaps(), new TiledProduct(), new DepthwiseSums(), new SwappedConvolution(),
        new PositionProducts(), new WinogradProducts(),
    ];

    /// <summary>
    /// dW = Conv(Xᵀ [C, N, H, W], dYᵀ [O, N, OH, OW]) → [C, O, kh, kw] in NCHWc blocks of images, with strides and dilations exchanged: the batch takes
    /// the place of the channels, and nothing is copied window by window. X is padded along the last axis before: of the few outputs there most would
    /// touch the padding, and the runtime computes such one at a time. Its sums run over all positions of 16 images, one number after the other: they
    /// round more than what a solve may magnify.
    /// </summary>
    private sealed class BlockedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "blocked";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) =>
            conv is { Groups: 1, IsSolved: false, Window: { IsKnown: true } window } && conv.X.Shape is [{ IsKnown: true, Value: > 0 } batch, ..]
            && ChannelBlocks.Fit(window.Rank, batch.Value, conv.W.Type, target)
            && ChannelBlocks.Fit(window.Rank, conv.Outputs, conv.W.Type, target);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfBlockedWeightGradient(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var blocks = new ChannelBlocks(op, target.ChannelBlock);
            SlidingWindow window = conv.Window;
            (long begin, long end) = (window.PadsBegin[1], window.FittingEndPad(1));
            Value images = blocks.PadLast(blocks.Blocked(op.Transpose(conv.X, conv.Swapped())), [conv.Inputs, conv.Batch, .. window.Input], begin, end);
            Value correlation = blocks.Conv(images, blocks.Kernels(conv.DY, conv.Batch, conv.Outputs, window.Output),
                ("kernel_shape", window.Output), ("strides", window.Dilations), ("dilations", window.Strides),
                ("pads", (long[])[window.PadsBegin[0], 0, window.FittingEndPad(0), 0]));
            Value dW = CutToKernel(op, blocks.Plain(correlation, conv.Outputs), window);
            return [op.Transpose(dW, conv.Swapped())]; // [C, O, kh, kw] → [O, C, kh, kw]
        }
    }

    /// <summary>
    /// dW = Conv(X as one volume [1, N, H, W, C], dY as its kernels [O, N, OH, OW, 1]) → [1, O, kh, kw, C], with strides and dilations exchanged: the
    /// batch takes the place of the channels, and the channels are an axis over which the kernels slide without reach. The runtime gathers what a
    /// product needs in runs of C that fit its cache, so that nothing is copied before.
    /// </summary>
    private sealed class VolumeConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "volume";

        /// <summary>ONNX Runtime's Conv has up to three axes that it gathers piece by piece.</summary>
        public bool Fits(ConvolutionGradient conv, LoweringTarget target) =>
            target.Device == ExecutionDevice.Cpu && conv.Groups == 1 && conv.Window is { IsKnown: true, Rank: < 3 };

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfVolume(conv, TakesBlocks(conv, target));

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            SlidingWindow window = conv.Window;
            Value channelsLast = HasBlocks(conv, target) ? new ChannelBlocks(op, target.ChannelBlock).ToChannelsLast(conv.X, conv.Inputs, window.Input)
                : op.Transpose(conv.X, [0, .. window.Axes, 1]);
            Value volume = op.Unsqueeze(channelsLast, 0);
            var parts = new BatchParts(op, conv, target);
            Value kernels = op.Unsqueeze(parts.Kernels(), window.Rank + 2);
            Value correlation = op.Op("Conv", [volume, kernels],
                ("group", parts.Count), ("strides", (long[])[.. window.Dilations, 1]), ("dilations", (long[])[.. window.Strides, 1]),
                ("pads", (long[])[.. window.PadsBegin, 0, .. Enumerable.Range(0, window.Rank).Select(window.FittingEndPad), 0]));
            Value cut = CutToKernel(op, correlation, window);
            Value dW = op.Squeeze(parts.Sum(cut, [.. window.Kernel, conv.Inputs]), 0); // [O, kh, kw, C]
            return [TakesBlocks(conv, target) ? new ChannelBlocks(op, target.ChannelBlock).FromChannelsLast(dW, conv.Inputs)
                : op.Transpose(dW, [0, window.Rank + 1, .. Axes.Range(1, window.Rank)])];
        }

        private static bool TakesBlocks(ConvolutionGradient conv, LoweringTarget target) => conv.Window.Taps > 1 && HasBlocks(conv, target);

        private static bool HasBlocks(ConvolutionGradient conv, LoweringTarget target) =>
            ChannelBlocks.Fit(conv.Window.Rank, conv.Inputs, conv.W.Type, target);
    }

    /// <summary>dWᵀ = (all taps of X, stacked to [K·C, N·P]) · dYᵀ [N·P, O]: one product, where channels are too few for one of their own.</summary>
    private sealed class StackedTaps : IFormulation<ConvolutionGradient>
    {
        public string Name => "stacked";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => TapColumns.Fit(conv.Window, conv.Inputs, conv.Batch);

        /// <summary>Where TrAct's Gram matrix is made of the same stack, it is made once; in parts each would have to wait for the other use.</summary>
        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfStackedTaps(
            conv, conv.IsStackedForGram && TapColumns.FitInOnePart(conv.Window, conv.Inputs, conv.Batch),
            isOneBlock: HasBlocks(conv, target) && conv.Outputs == target.ChannelBlock);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var taps = new TapColumns(op, conv.X, conv.Window, conv.Inputs, conv.Groups, TapColumns.ComeInPieces(conv.X, target));
            Value dW = op.Sum([.. taps.Parts.Select(row => HasBlocks(conv, target)
                ? taps.Product(taps.Stacked(row), taps.OutputRows(conv.DY, conv.Outputs, row, new ChannelBlocks(op, target.ChannelBlock)), transB: false)
                : taps.Product(taps.Stacked(row), taps.Outputs(conv.DY, conv.Outputs, row), transB: true))]);
            dW = op.Reshape(dW, [conv.Groups, .. taps.Features, conv.OutputsPerGroup]);
            return [op.Reshape(op.Transpose(dW, 0, 4, 2, 3, 1), conv.WeightShape)];
        }

        private static bool HasBlocks(ConvolutionGradient conv, LoweringTarget target) =>
            conv.Groups == 1 && ChannelBlocks.Fit(conv.Window.Rank, conv.Outputs, conv.W.Type, target);
    }

    /// <summary>dW = dY [O, N·P] · X's patches [N·P, C·K], where the windows tile X.</summary>
    private sealed class TiledProduct : IFormulation<ConvolutionGradient>
    {
        public string Name => "tiles";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => conv.Groups == 1 && Tiles.Fit(conv.Window);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfTiles(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            Value dY = op.Reshape(op.Transpose(conv.DY, conv.Swapped()), conv.Outputs, -1); // [O, N·P]
            return [op.Reshape(op.Gemm(dY, Tiles.Rows(op, conv.X, conv.Window)), conv.WeightShape)];
        }
    }

    /// <summary>Depthwise (C/g = 1): dW[o, k] = Σ_{n, i} dY ⊙ (tap k of X), a product and a sum for each position of the kernel.</summary>
    private sealed class DepthwiseSums : IFormulation<ConvolutionGradient>
    {
        public string Name => "sums";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => conv.Window.IsKnown && conv.InputsPerGroup == 1;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfDepthwiseSums(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            Value x = op.Pad(conv.X, [0, 0, .. conv.Window.PadsBegin, 0, 0, .. conv.Window.PadsEnd]);
            // With several outputs a channel, dY is [N, C, m, P] against [N, C, 1, P].
            bool several = conv.OutputsPerGroup > 1;
            Value dY = several ? op.Reshape(conv.DY, [0, conv.Inputs, conv.OutputsPerGroup, -1]) : conv.DY;
            long[] summed = several ? [0, 3] : [0, .. conv.Window.Axes];
            return [op.Reshape(op.Concat(1, [.. conv.Window.Positions.Select(Sum)]), conv.WeightShape)];

            Value Sum(long[] position)
            {
                Value tap = conv.Window.Tap(op, x, position);
                if (several) tap = op.Reshape(tap, 0, conv.Inputs, 1, -1);
                return op.Reshape(op.ReduceSum(dY * tap, summed, keepDims: false), conv.Outputs, 1);
            }
        }
    }

    /// <summary>
    /// dW = Conv(Xᵀ [C, N, H, W], dYᵀ [O, N, OH, OW]) with strides and dilations exchanged, cut to the kernel, transposed: the batch takes the place
    /// of the channels. Groups: Conv(X as [C/g, g·N, H, W], group = g). Needs no spatial extent.
    /// </summary>
    private sealed class SwappedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "swapped";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => true;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfSwappedConvolution(conv) : 1e6;

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            SlidingWindow window = conv.Window;
            var parts = new BatchParts(op, conv, target);
            Value correlation = op.Op("Conv", [Images(op, conv), parts.Kernels()],
                ("strides", window.Dilations), ("dilations", window.Strides), ("pads", window.Pads), ("group", conv.Groups * parts.Count));
            Value cut = op.Slice(correlation, window.Axes, new long[window.Rank], window.Kernel);
            return [op.Transpose(parts.Sum(cut, window.Kernel), conv.Swapped())]; // [C/g, O, k…] → [O, C/g, k…]
        }

        private static Value Images(OpBuilder op, ConvolutionGradient conv)
        {
            if (conv.Groups == 1) return op.Transpose(conv.X, conv.Swapped());
            Value spatial = op.Op("Shape", [conv.X], ("start", 2));
            Value x = op.Reshape(conv.X, op.Concat(0, op.Ints(-1, conv.Groups, conv.InputsPerGroup), spatial));
            x = op.Transpose(x, [2, 1, 0, .. conv.Window.Axes.Select(axis => axis + 1)]); // [C/g, g, N, H, W]
            return op.Reshape(x, op.Concat(0, op.Ints(conv.InputsPerGroup, -1), spatial));
        }
    }

    /// <summary>dW_k = Σ dY_iᵀ X_j over the pairs (i, j) of few positions that k joins: a product whose rows are those of all its pairs.</summary>
    private sealed class PositionProducts : IFormulation<ConvolutionGradient>
    {
        public string Name => "positions";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => PositionPairs.Fit(conv);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfPositions(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var pairs = new PositionPairs(op, conv.Window);
            Value[] x = pairs.Split(conv.X, conv.Inputs, conv.Window.Input), dY = pairs.Split(conv.DY, conv.Outputs, conv.Window.Output);
            ILookup<int, (int Output, int Input, int Tap)> byTap = pairs.All.ToLookup(pair => pair.Tap);
            var dW = new Value?[conv.Window.Taps];
            foreach (IGrouping<int, (int Output, int Input, int Tap)> joined in byTap)
            {
                Value left = op.Concat(0, [.. joined.Select(pair => dY[pair.Output])]);
                Value right = op.Concat(0, [.. joined.Select(pair => x[pair.Input])]);
                dW[joined.Key] = op.Gemm(left, right, transA: true); // [O, C]
            }
            return [new WeightTaps(conv.WeightShape).Join(op, dW)];
        }
    }

    /// <summary>dW = Gᵀ dU G with dU_f = dM_fᵀ V_f: the adjoint of Winograd's convolution. It rounds more than what a solve may magnify.</summary>
    private sealed class WinogradProducts : IFormulation<ConvolutionGradient>
    {
        public string Name => "winograd";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => Winograd.Fit(conv, target) && !conv.IsSolved;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfWinogradWeightGradient(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var winograd = new Winograd(op, conv);
            return [winograd.WeightGradient(op.FusedMatMul(winograd.OutputGradients(conv.DY), winograd.Inputs(), transA: true))];
        }
    }

    /// <summary>[…, …, k…] of a correlation that is larger where a stride leaves a rest of X.</summary>
    private static Value CutToKernel(OpBuilder op, Value correlation, SlidingWindow window) =>
        window.Dilations.Index().Any(axis => window.Rest(axis.Index) >= axis.Item)
            ? op.Slice(correlation, window.Axes, new long[window.Rank], window.Kernel) : correlation;
}
