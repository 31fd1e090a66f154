using GraphRewrite.IR;

namespace GraphRewrite.Lowering;

/// <summary>The forms of a convolution's weight gradient: dW[o, c, k] = Σ_{n, i} dY[n, o, i] · X[n, c, i·stride + k·dilation − pad].</summary>
internal static class ConvWeightGradient
{
    public static IReadOnlyList<IConvGradientForm> Forms { get; } = [new TapsAndGemm(), new TapProducts(), new SwappedConvolution()];

    private static Value Padded(OpBuilder op, Value x, SlidingWindow window) => op.Pad(x, [0, 0, .. window.PadsBegin, 0, 0, .. window.PadsEnd]);

    /// <summary>dW = dY [O, N·P] · (the taps of X, stacked to [C·K, N·P])ᵀ, P the output positions. A 1x1 kernel is one tap: a plain Gemm.</summary>
    private sealed class TapsAndGemm : IConvGradientForm
    {
        public string Name => "taps";

        public bool CanLower(Convolution conv, LoweringTarget target) => conv.Window.IsKnown;

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfTaps(conv);

        public Value Emit(OpBuilder op, Convolution conv)
        {
            Value x = Padded(op, op.Transpose(conv.X, conv.Swapped()), conv.Window); // [C, N, H, W]
            Value[] taps = [.. conv.Window.Positions.Select(position => op.Reshape(conv.Window.Tap(op, x, position), conv.Inputs, -1))];
            Value columns = op.Concat(1, taps); // [C, K·N·P]
            Value dY = op.Transpose(conv.DY, conv.Swapped()); // [O, N, OH, OW]
            return op.Reshape(Product(op, dY, columns, conv), conv.WeightShape);
        }

        private static Value Product(OpBuilder op, Value dY, Value columns, Convolution conv)
        {
            long rows = conv.InputsPerGroup * conv.Window.Taps;
            return conv.Groups == 1
                ? op.Gemm(op.Reshape(dY, conv.Outputs, -1), op.Reshape(columns, rows, -1), transB: true)
                : op.FusedMatMul(op.Reshape(dY, conv.Groups, conv.OutputsPerGroup, -1), op.Reshape(columns, conv.Groups, rows, -1), transB: true);
        }
    }

    /// <summary>Depthwise (C/g = 1): dW[o, k] = Σ_{n, i} dY ⊙ (tap k of X), a product and a sum for each position of the kernel.</summary>
    private sealed class TapProducts : IConvGradientForm
    {
        public string Name => "products";

        public bool CanLower(Convolution conv, LoweringTarget target) => conv.Window.IsKnown && conv.InputsPerGroup == 1;

        public double Cost(Convolution conv, LoweringTarget target) => ConvCost.OfProducts(conv);

        public Value Emit(OpBuilder op, Convolution conv)
        {
            Value x = Padded(op, conv.X, conv.Window);
            // With several outputs a channel, dY is [N, C, m, P] against [N, C, 1, P].
            bool several = conv.OutputsPerGroup > 1;
            Value dY = several ? op.Reshape(conv.DY, [0, conv.Inputs, conv.OutputsPerGroup, -1]) : conv.DY;
            long[] summed = several ? [0, 3] : [0, .. conv.Window.Axes];
            return op.Reshape(op.Concat(1, [.. conv.Window.Positions.Select(Sum)]), conv.WeightShape);

            Value Sum(long[] position)
            {
                Value tap = conv.Window.Tap(op, x, position);
                if (several) tap = op.Reshape(tap, 0, conv.Inputs, 1, -1);
                return op.Reshape(op.ReduceSum(dY * tap, summed, keepDims: false), conv.Outputs, 1);
            }
        }
    }

    /// <summary>
    /// dW = Conv(Xᵀ [C, N, H, W], dYᵀ [O, N, OH, OW]) with strides and dilations exchanged, cut to the kernel, transposed: the batch takes the place of the
    /// channels. Groups: Conv(X as [C/g, g·N, H, W], group = g). Needs no spatial extent.
    /// </summary>
    private sealed class SwappedConvolution : IConvGradientForm
    {
        public string Name => "swapped";

        public bool CanLower(Convolution conv, LoweringTarget target) => true;

        public double Cost(Convolution conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfSwappedConvolution(conv) : 1;

        public Value Emit(OpBuilder op, Convolution conv)
        {
            SlidingWindow window = conv.Window;
            Value correlation = op.Op("Conv", [Images(op, conv), op.Transpose(conv.DY, conv.Swapped())],
                ("strides", window.Dilations), ("dilations", window.Strides), ("pads", window.Pads), ("group", conv.Groups));
            return op.Transpose(op.Slice(correlation, window.Axes, new long[window.Rank], window.Kernel), conv.Swapped()); // [C/g, O, k…] → [O, C/g, k…]
        }

        private static Value Images(OpBuilder op, Convolution conv)
        {
            if (conv.Groups == 1) return op.Transpose(conv.X, conv.Swapped());
            Value spatial = op.Op("Shape", [conv.X], ("start", 2));
            Value x = op.Reshape(conv.X, op.Concat(0, op.Ints(-1, conv.Groups, conv.InputsPerGroup), spatial));
            x = op.Transpose(x, [2, 1, 0, .. conv.Window.Axes.Select(axis => axis + 1)]); // [C/g, g, N, H, W]
            return op.Reshape(x, op.Concat(0, op.Ints(conv.InputsPerGroup, -1), spatial));
        }
    }
}
