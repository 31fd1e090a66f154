using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The forms of a convolution: Y[n, o, i] = B[o] + Σ_{c, k} W[o, c, k] · X[n, c, i·stride + k·dilation − pad].</summary>
internal static class ConvForward
{
    public static IReadOnlyList<IFormulation<ForwardConvolution>> Formulations { get; } =
        [new PlainConvolution(), new BlockedConvolution(), new TiledConvolution(), new PositionProducts(), new WinogradConvolution()];

    /// <summary>ONNX's Conv, as it stands in the model.</summary>
    private sealed class PlainConvolution : IFormulation<ForwardConvolution>
    {
        public string Name => "plain";

        public bool Fits(ForwardConvolution conv, LoweringTarget target) => true;

        public double Cost(ForwardConvolution conv, LoweringTarget target) => ConvCost.OfConvolution(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ForwardConvolution conv, LoweringTarget target) => [conv.Y];
    }

    /// <summary>In NCHWc blocks, whose kernels read X where it lies instead of copying its windows.</summary>
    private sealed class BlockedConvolution : IFormulation<ForwardConvolution>
    {
        public string Name => "blocked";

        public bool Fits(ForwardConvolution conv, LoweringTarget target) =>
            ChannelBlocks.Fit(conv, target) || ChannelBlocks.FitFewInputs(conv, target);

        public double Cost(ForwardConvolution conv, LoweringTarget target) => ChannelBlocks.FitFewInputs(conv, target)
            ? ConvCost.OfConvolutionToBlocks(conv) : ConvCost.OfBlockedConvolution(conv, conv.Outputs);

        public IReadOnlyList<Value> Emit(OpBuilder op, ForwardConvolution conv, LoweringTarget target)
        {
            var blocks = new ChannelBlocks(op, target.ChannelBlock);
            SlidingWindow window = conv.Window;
            (Value x, Value w) = ChannelBlocks.FitFewInputs(conv, target)
                ? (conv.X, blocks.WeightOfFewInputs(conv)) : (blocks.Blocked(conv.X), blocks.Weight(conv));
            Value y = blocks.Conv(x, w, conv.Bias,
                ("kernel_shape", window.Kernel), ("strides", window.Strides), ("dilations", window.Dilations), ("pads", window.Pads));
            return [blocks.Plain(y, conv.Outputs)];
        }
    }

    /// <summary>Y = X's patches [N·P, C·K] · Wᵀ + B, where the windows tile X: one product for the whole batch.</summary>
    private sealed class TiledConvolution : IFormulation<ForwardConvolution>
    {
        public string Name => "tiles";

        public bool Fits(ForwardConvolution conv, LoweringTarget target) => conv.Groups == 1 && Tiles.Fit(conv.Window);

        public double Cost(ForwardConvolution conv, LoweringTarget target) => ConvCost.OfTiles(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ForwardConvolution conv, LoweringTarget target)
        {
            Value w = op.Reshape(conv.W, conv.Outputs, -1);
            Value rows = Tiles.Rows(op, conv.X, conv.Window);
            Value y = op.Gemm(rows, w, transB: true, c: conv.Bias); // [N·P, O]
            y = op.Transpose(op.Reshape(y, -1, conv.Window.Output.Product(), conv.Outputs), 0, 2, 1);
            return [op.Reshape(y, [0, 0, .. conv.Window.Output])];
        }
    }

    /// <summary>Y_i = Σ X_j W_kᵀ + B over the pairs (i, j) of few positions.</summary>
    private sealed class PositionProducts : IFormulation<ForwardConvolution>
    {
        public string Name => "positions";

        public bool Fits(ForwardConvolution conv, LoweringTarget target) => PositionPairs.Fit(conv);

        public double Cost(ForwardConvolution conv, LoweringTarget target) => ConvCost.OfPositions(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ForwardConvolution conv, LoweringTarget target)
        {
            var pairs = new PositionPairs(op, conv.Window);
            Value[] x = pairs.Split(conv.X, conv.Inputs, conv.Window.Input), w = new WeightTaps(conv.WeightShape).Split(op, conv.W);
            var y = new Value?[pairs.Outputs];
            foreach ((int i, int j, int k) in pairs.All) y[i] = op.Gemm(x[j], w[k], transB: true, c: y[i] ?? conv.Bias);
            return [pairs.Joined(y, conv.Outputs, conv.Window.Output)];
        }
    }

    /// <summary>Y = Aᵀ M A + the bias, with M_f = V_f U_fᵀ.</summary>
    private sealed class WinogradConvolution : IFormulation<ForwardConvolution>
    {
        public string Name => "winograd";

        public bool Fits(ForwardConvolution conv, LoweringTarget target) => Winograd.Fit(conv, target);

        public double Cost(ForwardConvolution conv, LoweringTarget target) => ConvCost.OfWinograd(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ForwardConvolution conv, LoweringTarget target)
        {
            var winograd = new Winograd(op, conv);
            Value y = winograd.Output(op.FusedMatMul(winograd.Inputs(), winograd.Weights(), transB: true));
            return [conv.Bias is { } bias ? y + op.Reshape(bias, [-1, .. conv.Window.Axes.Select(_ => 1L)]) : y];
        }
    }
}
