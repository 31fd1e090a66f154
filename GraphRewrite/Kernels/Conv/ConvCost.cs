using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// Estimated nanoseconds for the formulations of a convolution and its gradients on ONNX Runtime's CPU provider with two threads. The rates are
/// fitted to layers of 1x1 to 7x7, 3 to 512 channels, 112x112 to 2x2, on ONNX Runtime 1.31.1: matrix work by the GFLOP, dearer where its matrices are
/// narrow, and memory by the gigabyte.
/// </summary>
internal static class ConvCost
{
    private const double PerGigaFlop = 6e6;
    private const double PerGigabyteOfColumns = 120e6;
    private const double PerGigabyteOfTaps = 120e6;
    private const double PerReorderedWeight = 4;

    /// <summary>Conv: im2col of X, C·K rows, which a 1x1 kernel does without.</summary>
    public static double OfConvolution(Convolution conv) => Products(conv, 130e6 / Positions(conv))
        + (conv.Window.Taps == 1 && !IsStrided(conv) ? 0 : PerGigabyteOfColumns * PatchGigabytes(conv));

    /// <summary>Conv in blocks, either way: X and Y are reordered, and W.</summary>
    public static double OfBlockedConvolution(Convolution conv) =>
        Products(conv, 0) + (50e6 * (InputGigabytes(conv) + OutputGigabytes(conv))) + (PerReorderedWeight * SlidingWindow.Product(conv.WeightShape));

    /// <summary>As many products as the convolution, and dX moved twice.</summary>
    public static double OfBlockedPhases(Convolution conv) => OfBlockedConvolution(conv) + (250e6 * InputGigabytes(conv));

    /// <summary>Conv over dY: im2col of dY, O·K rows.</summary>
    public static double OfFlippedConvolution(Convolution conv)
    {
        long columns = conv.Batch * conv.Outputs * conv.Window.Taps * SlidingWindow.Product(conv.Window.Input);
        return Products(conv, 130e6 / Positions(conv)) + (conv.Window.Taps == 1 ? 0 : PerGigabyteOfColumns * Gigabytes(columns));
    }

    /// <summary>col2im of C·K rows; slower than Conv where an image has few positions.</summary>
    public static double OfTransposedConvolution(Convolution conv) =>
        Products(conv, 230e6 / Positions(conv)) + (PerGigabyteOfColumns * PatchGigabytes(conv));

    /// <summary>Slices, Concat and one product.</summary>
    public static double OfStackedTaps(Convolution conv) =>
        Products(conv, 150e6 / Math.Min(conv.InputsPerGroup * conv.Window.Taps, conv.OutputsPerGroup))
        + (2 * PerGigabyteOfTaps * PatchGigabytes(conv)) + Rearranged(conv) + (3.0 * SlidingWindow.Product(conv.WeightShape));

    /// <summary>X cut into patches, one product, and Y or dY transposed.</summary>
    public static double OfTiles(Convolution conv) =>
        Products(conv, 150e6 / Math.Min(conv.Inputs * conv.Window.Taps, conv.Outputs)) + (250e6 * (InputGigabytes(conv) + OutputGigabytes(conv)));

    /// <summary>Slices, and a product and a sum over dY for each position of the kernel.</summary>
    public static double OfDepthwiseSums(Convolution conv)
    {
        long products = conv.Batch * conv.Outputs * conv.Window.Taps * Positions(conv);
        return ((IsStrided(conv) ? 800e6 : 280e6) * PatchGigabytes(conv)) + (PerGigabyteOfColumns * Gigabytes(products));
    }

    /// <summary>A product for each pair of positions, whose smaller factor is a matrix of the kernel; the kernel is taken apart.</summary>
    public static double OfPositions(Convolution conv)
    {
        double share = PositionPairs.Count(conv.Window) / (double)(Positions(conv) * conv.Window.Taps);
        return (share * Products(conv, 130e6 / conv.Batch)) + (2e4 * PositionPairs.Count(conv.Window))
            + (1.5 * SlidingWindow.Product(conv.WeightShape)) + (100e6 * (InputGigabytes(conv) + OutputGigabytes(conv)));
    }

    /// <summary>A Conv whose Gemm has K·C columns, gathered in runs of C; X and dY are transposed, and dW.</summary>
    public static double OfVolume(Convolution conv) =>
        Products(conv, 40e6 / conv.InputsPerGroup) + (50e6 * (InputGigabytes(conv) + OutputGigabytes(conv)))
        + (PerReorderedWeight * SlidingWindow.Product(conv.WeightShape));

    /// <summary>A Conv whose Gemm has only K columns.</summary>
    public static double OfSwappedConvolution(Convolution conv) =>
        (GigaFlops(conv) * (15e6 + (60e6 / conv.Window.Taps))) + (200e6 * PatchGigabytes(conv));

    /// <summary>The products, with what narrow matrices add for each GFLOP.</summary>
    private static double Products(Convolution conv, double narrow) => GigaFlops(conv) * (PerGigaFlop + narrow);

    private static double PatchGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Inputs * conv.Window.Taps * Positions(conv));

    private static double InputGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Inputs * SlidingWindow.Product(conv.Window.Input));

    private static double OutputGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Outputs * Positions(conv));

    /// <summary>X and dY with the batch innermost, and X padded.</summary>
    private static double Rearranged(Convolution conv) => 150e6 * ((2 * InputGigabytes(conv)) + OutputGigabytes(conv));

    private static double GigaFlops(Convolution conv) =>
        2e-9 * conv.Batch * conv.Outputs * conv.InputsPerGroup * conv.Window.Taps * Positions(conv);

    private static double Gigabytes(long elements) => 4e-9 * elements;

    /// <summary>Output positions of an image.</summary>
    private static long Positions(Convolution conv) => SlidingWindow.Product(conv.Window.Output);

    private static bool IsStrided(Convolution conv) => conv.Window.Strides.Any(stride => stride > 1);
}
