using GraphRewrite.IR;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// Estimated nanoseconds for the formulations of a convolution and its gradients on ONNX Runtime's CPU provider with two threads. The rates are
/// fitted to layers of 1x1 to 7x7, 3 to 1024 channels, 112x112 to 2x2, on ONNX Runtime 1.31.1 with AVX-512: matrix work by the GFLOP, dearer where
/// its matrices are narrow, and memory by the gigabyte.
/// </summary>
internal static class ConvCost
{
    private const double PerGigaFlop = 5.5e6;
    private const double PerGigabyteOfColumns = 90e6;
    private const double PerGigabyteOfSums = 150e6;
    private const double PerGigabyteOfSwappedColumns = 40e6;
    private const double PerGigabyteOfTaps = 120e6;
    private const double PerGigabyteMoved = 60e6;
    private const double PerMovedWeight = 1;
    private const double PerReorderedWeight = 0.6;

    /// <summary>Conv: im2col of X, C·K rows, which a 1x1 kernel does without; a product an image, as wide as it has positions.</summary>
    public static double OfConvolution(Convolution conv) => Products(conv, OfNarrowImages(Positions(conv)))
        + (conv.Window.Taps == 1 && !IsStrided(conv) ? 0 : PerGigabyteOfColumns * PatchGigabytes(conv));

    /// <summary>
    /// Conv in blocks to so many channels: no tap reads the padding, but every image reads the kernel, and fewer than four blocks of 16 leave
    /// registers empty. X and Y are reordered, and W.
    /// </summary>
    public static double OfBlockedConvolution(Convolution conv, long channels) =>
        (Useful(conv) * Products(conv, 2.3e9 / (channels * channels))) + (12e6 * conv.Batch * Gigabytes(Weights(conv)))
        + (PerGigabyteMoved * (InputGigabytes(conv) + OutputGigabytes(conv))) + (PerMovedWeight * Weights(conv));

    /// <summary>Conv from few channels, which are taken as they lie, to blocks: no tap reads the padding, nothing is copied but Y.</summary>
    public static double OfConvolutionToBlocks(Convolution conv) =>
        Products(conv, 0) + (PerGigabyteMoved * OutputGigabytes(conv)) + (PerMovedWeight * Weights(conv));

    /// <summary>A Conv in blocks of images; X is moved four times, dY gathered by rows of a block, and dW moved.</summary>
    public static double OfBlockedWeightGradient(Convolution conv) =>
        Products(conv, 16e6 / conv.Outputs) + (PerGigabyteMoved * ((5 * InputGigabytes(conv)) + (2 * OutputGigabytes(conv))))
        + (2 * PerMovedWeight * Weights(conv));

    /// <summary>As many products as the convolution, and dX moved twice.</summary>
    public static double OfBlockedPhases(Convolution conv) => OfBlockedConvolution(conv, conv.Inputs) + (250e6 * InputGigabytes(conv));

    /// <summary>Conv over dY: im2col of dY, O·K rows.</summary>
    public static double OfFlippedConvolution(Convolution conv)
    {
        long positions = conv.Window.Input.Product(), columns = conv.Batch * conv.Outputs * conv.Window.Taps * positions;
        return Products(conv, OfNarrowImages(positions)) + (PerMovedWeight * Weights(conv))
            + (conv.Window.Taps == 1 ? 0 : PerGigabyteOfColumns * Gigabytes(columns));
    }

    /// <summary>col2im of C·K rows, one thread an image; slower than Conv where an image has few positions.</summary>
    public static double OfTransposedConvolution(Convolution conv) =>
        Products(conv, 160e6 / Positions(conv)) + (PerGigabyteOfSums * PatchGigabytes(conv));

    /// <summary>Slices, a Gather and one product; the product alone where the stack is there. dY is moved, unless it is a single block.</summary>
    public static double OfStackedTaps(Convolution conv, bool isStacked, bool isOneBlock)
    {
        double product = Products(conv, 110e6 / Math.Min(conv.InputsPerGroup * conv.Window.Taps, conv.OutputsPerGroup))
            + (isOneBlock ? 0 : PerGigabyteMoved * OutputGigabytes(conv));
        return isStacked ? product
            : product + (PerGigabyteOfTaps * PatchGigabytes(conv)) + (300e6 * InputGigabytes(conv)) + (PerMovedWeight * Weights(conv));
    }

    /// <summary>X cut into patches, one product, and Y or dY transposed.</summary>
    public static double OfTiles(Convolution conv) =>
        Products(conv, 110e6 / Math.Min(conv.Inputs * conv.Window.Taps, conv.Outputs)) + (250e6 * (InputGigabytes(conv) + OutputGigabytes(conv)));

    /// <summary>Slices, and a product and a sum over dY for each position of the kernel.</summary>
    public static double OfDepthwiseSums(Convolution conv)
    {
        long products = conv.Batch * conv.Outputs * conv.Window.Taps * Positions(conv);
        return ((IsStrided(conv) ? 800e6 : 280e6) * PatchGigabytes(conv)) + (PerGigabyteOfTaps * Gigabytes(products));
    }

    /// <summary>A Conv whose Gemm has O rows and K·C columns, gathered in runs of C; X and dY are transposed, and dW, in blocks or not.</summary>
    public static double OfVolume(Convolution conv, bool takesBlocks) =>
        Products(conv, (110e6 / conv.Outputs) + (24e6 / conv.Inputs))
        + (PerGigabyteMoved * (InputGigabytes(conv) + OutputGigabytes(conv)))
        + ((takesBlocks ? PerReorderedWeight : PerMovedWeight) * Weights(conv));

    /// <summary>A Conv whose Gemm has only K columns.</summary>
    public static double OfSwappedConvolution(Convolution conv) =>
        Products(conv, 3e6 + (140e6 / conv.Window.Taps)) + (PerGigabyteOfSwappedColumns * PatchGigabytes(conv))
        + (PerGigabyteMoved * (InputGigabytes(conv) + OutputGigabytes(conv)));

    /// <summary>A product for each pair of positions, whose smaller factor is a matrix of the kernel; in a step graph the kernel is kept apart.</summary>
    public static double OfPositions(Convolution conv) =>
        (Useful(conv) * Products(conv, 110e6 / conv.Batch)) + (2e4 * PositionPairs.Count(conv.Window))
        + (0.5 * PerMovedWeight * Weights(conv)) + (2 * PerGigabyteMoved * (InputGigabytes(conv) + OutputGigabytes(conv)));

    /// <summary>X to V, W to U, the products, M to Y.</summary>
    public static double OfWinograd(Convolution conv) =>
        WinogradProducts(conv, 7e6, 200e6) + WinogradWeights(conv, 0.2) + (PerMovedWeight * Weights(conv))
        + Spread(conv, conv.Inputs, step => step.Inputs) + Gathered(conv, conv.Outputs, step => step.Outputs) + OutOfBlocks(conv);

    /// <summary>dY to dM, W to U, the products, dV to dX.</summary>
    public static double OfWinogradInputGradient(Convolution conv) =>
        WinogradProducts(conv, 7e6, 200e6) + WinogradWeights(conv, 0.2) + (PerMovedWeight * Weights(conv))
        + Spread(conv, conv.Outputs, step => step.Outputs) + Gathered(conv, conv.Inputs, step => step.Inputs) + OutOfBlocks(conv);

    /// <summary>X to V, dY to dM, products that read one factor transposed, dU to dW.</summary>
    public static double OfWinogradWeightGradient(Convolution conv) =>
        WinogradProducts(conv, 7.6e6, 400e6) + WinogradWeights(conv, 0.55)
        + Spread(conv, conv.Inputs, step => step.Inputs) + Spread(conv, conv.Outputs, step => step.Outputs) + OutOfBlocks(conv);

    /// <summary>
    /// A product for each of F, dearer where channels are few. What Winograd's forms take is on the scale of the blocked ones, which the estimates
    /// overstate by a quarter where channels are many.
    /// </summary>
    private static double WinogradProducts(Convolution conv, double perGigaFlop, double narrow)
    {
        double rows = Winograd.Steps(conv.Window).Aggregate((double)conv.Batch, (product, step) => product * step.Rows);
        return 2e-9 * rows * conv.Inputs * conv.Outputs * (perGigaFlop + (narrow / Math.Min(conv.Inputs, conv.Outputs)));
    }

    /// <summary>U or dU, for each tile of all steps but the last.</summary>
    private static double WinogradWeights(Convolution conv, double each) => Winograd.Steps(conv.Window).SkipLast(1)
        .Aggregate(each * conv.Inputs * conv.Outputs * Winograd.Steps(conv.Window)[^1].Products, (product, step) => product * step.Rows);

    /// <summary>What stands between convolutions is cheaper in blocks.</summary>
    private static double OutOfBlocks(Convolution conv) => 2.5 * PerGigabyteMoved * (InputGigabytes(conv) + OutputGigabytes(conv));

    private static double Spread(Convolution conv, long channels, Func<WinogradAxes, long> positions) =>
        Transforms(conv, channels, positions).Sum(step => (10e6 * step.GigaFlops) + (34e6 * step.Gigabytes));

    private static double Gathered(Convolution conv, long channels, Func<WinogradAxes, long> positions) =>
        Transforms(conv, channels, positions).Sum(step => (10e6 * step.GigaFlops) + (72e6 * step.Gigabytes));

    /// <summary>A product for each step, and the gigabytes of its larger side.</summary>
    private static IEnumerable<(double GigaFlops, double Gigabytes)> Transforms(Convolution conv, long channels, Func<WinogradAxes, long> positions)
    {
        IReadOnlyList<WinogradAxes> steps = Winograd.Steps(conv.Window);
        double elements = steps.Aggregate((double)conv.Batch * channels, (product, step) => product * positions(step));
        foreach (WinogradAxes step in steps)
        {
            elements *= step.Rows / (double)positions(step);
            yield return (2e-9 * elements * positions(step), Gigabytes((long)elements));
        }
    }

    /// <summary>The products, with what narrow matrices add for each GFLOP.</summary>
    private static double Products(Convolution conv, double narrow) => GigaFlops(conv) * (PerGigaFlop + narrow);

    private static double OfNarrowImages(long positions) => 320e6 / (positions * positions);

    /// <summary>The part of the products that does not read the padding.</summary>
    private static double Useful(Convolution conv) =>
        PositionPairs.Count(conv.Window) / (Positions(conv) * conv.Window.Taps);

    private static double PatchGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Inputs * conv.Window.Taps * Positions(conv));

    private static double InputGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Inputs * conv.Window.Input.Product());

    private static double OutputGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Outputs * Positions(conv));

    private static double GigaFlops(Convolution conv) =>
        2e-9 * conv.Batch * conv.Outputs * conv.InputsPerGroup * conv.Window.Taps * Positions(conv);

    private static double Gigabytes(long elements) => 4e-9 * elements;

    private static long Weights(Convolution conv) => conv.WeightShape.Product();

    /// <summary>Output positions of an image.</summary>
    private static long Positions(Convolution conv) => conv.Window.Output.Product();

    private static bool IsStrided(Convolution conv) => conv.Window.Strides.Any(stride => stride > 1);
}
