using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The forms of a convolution's weight gradient: dW[o, c, k] = Σ_{n, i} dY[n, o, i] · X[n, c, i·stride + k·dilation − pad].</summary>
internal static class ConvWeightGradient
{
    public static IReadOnlyList<IFormulation<ConvolutionGradient>> Formulations { get; } =
        [new TapProducts(), new StackedTaps(), new TiledProduct(), new DepthwiseSums(), new SwappedConvolution()];

    private static TapColumns Columns(OpBuilder op, ConvolutionGradient conv) =>
        new(op, conv.X, conv.Window, conv.Inputs, conv.Groups, conv.Batch);

    /// <summary>dW[k] = dY [O, P·N] · (tap k of X [C, P·N])ᵀ: a product for each position of the kernel. A 1x1 kernel is one Gemm.</summary>
    private sealed class TapProducts : IFormulation<ConvolutionGradient>
    {
        public string Name => "taps";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => conv.Window.IsKnown;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfTaps(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            TapColumns taps = Columns(op, conv);
            Value dY = taps.Outputs(conv.DY, conv.Outputs);
            Value[] products = [.. taps.Each().Select(tap => op.Reshape(taps.Product(dY, tap), conv.Outputs, conv.InputsPerGroup, 1))];
            return [op.Reshape(op.Concat(2, products), conv.WeightShape)];
        }
    }

    /// <summary>dW = dY [O, P·N] · (all taps of X, stacked to [K·C, P·N])ᵀ: one product, where the taps alone are too few rows for one.</summary>
    private sealed class StackedTaps : IFormulation<ConvolutionGradient>
    {
        public string Name => "stacked";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => conv.Window.IsKnown && conv.Window.Taps > 1;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfStackedTaps(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            TapColumns taps = Columns(op, conv);
            Value dW = op.Sum([.. taps.Parts.Select(row => taps.Product(taps.Outputs(conv.DY, conv.Outputs, row), taps.Stacked(row)))]);
            dW = op.Transpose(op.Reshape(dW, conv.Outputs, conv.Window.Taps, conv.InputsPerGroup), 0, 2, 1);
            return [op.Reshape(dW, conv.WeightShape)];
        }
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
            Value correlation = op.Op("Conv", [Images(op, conv), op.Transpose(conv.DY, conv.Swapped())],
                ("strides", window.Dilations), ("dilations", window.Strides), ("pads", window.Pads), ("group", conv.Groups));
            Value cut = op.Slice(correlation, window.Axes, new long[window.Rank], window.Kernel);
            return [op.Transpose(cut, conv.Swapped())]; // [C/g, O, k…] → [O, C/g, k…]
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
}
