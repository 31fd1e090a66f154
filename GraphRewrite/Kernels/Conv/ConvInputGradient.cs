using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>The forms of a convolution's input gradient: dX[n, c, i] = Σ_{o, k} dY[n, o, (i + pad − k·dilation) / stride] · W[o, c, k].</summary>
internal static class ConvInputGradient
{
    public static IReadOnlyList<IFormulation<ConvolutionGradient>> Formulations { get; } =
    [
        new FlippedConvolution(), new BlockedFlippedConvolution(), new BlockedPhases(),
        new TransposedConvolution(), new CroppedTransposedConvolution(), new PositionProducts(), new WinogradProducts(),
    ];

    private static bool HasFullCorrelation(SlidingWindow window) =>
        window.Strides.All(stride => stride == 1) && FullPads(window).All(pad => pad >= 0);

    private static long[] FullPads(SlidingWindow window) => [.. window.Pads.Select((pad, i) => window.Extent(i % window.Rank) - 1 - pad)];

    /// <summary>Stride 1: dX = Conv(dY, W with inputs and outputs exchanged and every kernel reversed), padded to the full correlation.</summary>
    private sealed class FlippedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "flipped";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => HasFullCorrelation(conv.Window);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => conv.Window.IsKnown ? ConvCost.OfFlippedConvolution(conv) : 0;

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            SlidingWindow window = conv.Window;
            return [op.Op("Conv", [conv.DY, Flip(op, conv)], ("dilations", window.Dilations), ("pads", FullPads(window)), ("group", conv.Groups))];
        }

        private static Value Flip(OpBuilder op, ConvolutionGradient conv)
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
            long[] backwards = [.. axes.Select(_ => -1L)];
            return op.Slice(w, axes, starts: backwards, ends: [.. axes.Select(axis => -kernel[axis - 2] - 1)], steps: backwards);
        }
    }

    /// <summary>The flipped convolution in NCHWc blocks.</summary>
    private sealed class BlockedFlippedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "blocked";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => ChannelBlocks.Fit(conv, target) && HasFullCorrelation(conv.Window);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) =>
            conv.Window.IsKnown ? ConvCost.OfBlockedConvolution(conv, conv.Inputs) : 0;

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var blocks = new ChannelBlocks(op, target.ChannelBlock);
            SlidingWindow window = conv.Window;
            long[] allTaps = [.. Enumerable.Range(0, (int)window.Taps).Select(k => (long)k)];
            Value w = blocks.FlippedWeight(conv, allTaps, window.Kernel);
            Value dX = blocks.Conv(blocks.Blocked(conv.DY), w,
                ("kernel_shape", window.Kernel), ("dilations", window.Dilations), ("pads", FullPads(window)));
            return [blocks.Plain(dX, conv.Inputs)];
        }
    }

    /// <summary>
    /// Strides: an input position i with i + pad = q·s + r meets the kernel positions k = r + s·j alone, at outputs q − j. So each residue r of dX is
    /// a full correlation of dY with the part of W that has this residue, stride 1, and the residues are interleaved; in NCHWc blocks throughout.
    /// </summary>
    private sealed class BlockedPhases : IFormulation<ConvolutionGradient>
    {
        public string Name => "phases";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => ChannelBlocks.Fit(conv, target) && conv.Window.IsKnown
            && conv.Window.Dilations.All(dilation => dilation == 1)
            && Axes(conv).All(axis => conv.Window.Kernel[axis] >= conv.Window.Strides[axis] && Positions(conv, axis) >= conv.Window.Output[axis]);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfBlockedPhases(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            (SlidingWindow window, var blocks) = (conv.Window, new ChannelBlocks(op, target.ChannelBlock));
            Value dY = blocks.Blocked(conv.DY);
            Value[] rows = [.. Residues(0).Select(r0 => op.Concat(4, [.. Residues(1).Select(r1 => Phase(r0, r1))]))]; // [M, Q0, 1, Q1, s1, B]
            long[] extents = [.. Axes(conv).Select(axis => Positions(conv, axis) * window.Strides[axis])];
            Value whole = op.Reshape(op.Concat(2, rows), [-1, .. extents, target.ChannelBlock]);
            whole = op.Slice(whole, [1, 2], [.. window.PadsBegin], [.. Axes(conv).Select(axis => window.PadsBegin[axis] + window.Input[axis])]);
            return [blocks.Plain(op.Reshape(whole, [-1, conv.Inputs, .. window.Input]), conv.Inputs)];

            IEnumerable<long> Residues(int axis) => Enumerable.Range(0, (int)window.Strides[axis]).Select(residue => (long)residue);

            Value Phase(long r0, long r1)
            {
                long[] first = Taps(0, r0), second = Taps(1, r1);
                long[] pads = [first.Length - 1, second.Length - 1, .. Axes(conv).Select(axis => Positions(conv, axis) - window.Output[axis])];
                long[] kernel = [first.Length, second.Length];
                long[] positions = [.. first.SelectMany(k0 => second.Select(k1 => (k0 * window.Kernel[1]) + k1))];
                Value phase = blocks.Conv(dY, blocks.FlippedWeight(conv, positions, kernel), ("kernel_shape", kernel), ("pads", pads));
                return op.Reshape(phase, -1, Positions(conv, 0), 1, Positions(conv, 1), 1, target.ChannelBlock);
            }

            long[] Taps(int axis, long residue) => [.. Range(residue, window.Kernel[axis], window.Strides[axis])];
        }

        /// <summary>Q: the positions of a residue that cover the padded input.</summary>
        private static long Positions(ConvolutionGradient conv, int axis) =>
            (conv.Window.PadsBegin[axis] + conv.Window.Input[axis] + conv.Window.Strides[axis] - 1) / conv.Window.Strides[axis];

        private static IEnumerable<int> Axes(ConvolutionGradient conv) => Enumerable.Range(0, conv.Window.Rank);

        private static IEnumerable<long> Range(long start, long end, long step)
        {
            for (long at = start; at < end; at += step) yield return at;
        }
    }

    /// <summary>dX = ConvTranspose(dY, W); output_padding makes up for the rest that a strided window leaves.</summary>
    private sealed class TransposedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "transposed";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => WindowSum.CanTranspose(conv.Window, target);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfTransposedConvolution(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target) =>
            [WindowSum.Transposed(op, conv.DY, conv.W, conv.Window, conv.Groups)];
    }

    /// <summary>dX = ConvTranspose(dY, W) without pads, cut to X's run-time extents: needs no spatial extent.</summary>
    private sealed class CroppedTransposedConvolution : IFormulation<ConvolutionGradient>
    {
        public string Name => "cropped";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => true;

        public double Cost(ConvolutionGradient conv, LoweringTarget target) =>
            conv.Window.IsKnown ? ConvCost.OfTransposedConvolution(conv) * 1.1 : 1e6;

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target) =>
            [WindowSum.Cropped(op, conv.DY, conv.W, conv.X, conv.Window, conv.Groups)];
    }

    /// <summary>dX_j = Σ dY_i W_k over the pairs (i, j) of few positions.</summary>
    private sealed class PositionProducts : IFormulation<ConvolutionGradient>
    {
        public string Name => "positions";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => PositionPairs.Fit(conv);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfPositions(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var pairs = new PositionPairs(op, conv.Window);
            Value[] dY = pairs.Split(conv.DY, conv.Outputs, conv.Window.Output), w = new WeightTaps(conv.WeightShape).Split(op, conv.W);
            var dX = new Value?[pairs.Inputs];
            foreach ((int i, int j, int k) in pairs.All) dX[j] = op.Gemm(dY[i], w[k], c: dX[j]);
            return [pairs.Joined(dX, conv.Inputs, conv.Window.Input)];
        }
    }

    /// <summary>dX = B dV Bᵀ with dV_f = dM_f U_f: the adjoint of Winograd's convolution.</summary>
    private sealed class WinogradProducts : IFormulation<ConvolutionGradient>
    {
        public string Name => "winograd";

        public bool Fits(ConvolutionGradient conv, LoweringTarget target) => Winograd.Fit(conv, target);

        public double Cost(ConvolutionGradient conv, LoweringTarget target) => ConvCost.OfWinogradInputGradient(conv);

        public IReadOnlyList<Value> Emit(OpBuilder op, ConvolutionGradient conv, LoweringTarget target)
        {
            var winograd = new Winograd(op, conv);
            return [winograd.InputGradient(op.MatMul(winograd.OutputGradients(conv.DY), winograd.Weights()))];
        }
    }
}
