namespace GraphRewrite.Lowering;

/// <summary>
/// Estimated milliseconds of one core for the forms of a convolution's gradients on ONNX Runtime's CPU provider. The rates are fitted to CPU times of
/// 17 layers on ONNX Runtime 1.31.1 (1x1 to 7x7, 3 to 512 channels, 112x112 to 2x2): Gemm work by the GFLOP, dearer where its matrices are narrow, and memory by the gigabyte.
/// </summary>
internal static class ConvCost
{
    private const double PerGigaFlop = 7;
    private const double PerGigabyteOfColumns = 120;

    /// <summary>Conv over dY: im2col of dY, O·K rows.</summary>
    public static double OfFlippedConvolution(Convolution conv) =>
        GigaFlops(conv) * (PerGigaFlop + (130.0 / Outputs(conv)))
        + (conv.Window.Taps == 1 ? 0 : PerGigabyteOfColumns * Gigabytes(conv.Batch * conv.Outputs * conv.Window.Taps * SlidingWindow.Product(conv.Window.Input)));

    /// <summary>col2im of C·K rows; slower than Conv where an image has few positions.</summary>
    public static double OfTransposedConvolution(Convolution conv) =>
        (GigaFlops(conv) * (PerGigaFlop + (230.0 / Outputs(conv)))) + (PerGigabyteOfColumns * PatchGigabytes(conv));

    /// <summary>Slices, Concat and a Gemm. Slices with strides copy element by element.</summary>
    public static double OfTaps(Convolution conv) => (GigaFlops(conv) * PerGigaFlop) + ((IsStrided(conv) ? 900 : 450) * PatchGigabytes(conv));

    /// <summary>Slices, and a product and a sum over dY for each position of the kernel.</summary>
    public static double OfProducts(Convolution conv) => ((IsStrided(conv) ? 800 : 280) * PatchGigabytes(conv))
        + (PerGigabyteOfColumns * Gigabytes(conv.Batch * conv.Outputs * conv.Window.Taps * Outputs(conv)));

    /// <summary>A Conv whose Gemm has only K columns.</summary>
    public static double OfSwappedConvolution(Convolution conv) => (GigaFlops(conv) * (15 + (60.0 / conv.Window.Taps))) + (200 * PatchGigabytes(conv));

    private static double PatchGigabytes(Convolution conv) => Gigabytes(conv.Batch * conv.Inputs * conv.Window.Taps * Outputs(conv));

    private static double GigaFlops(Convolution conv) => 2e-9 * conv.Batch * conv.Outputs * conv.InputsPerGroup * conv.Window.Taps * Outputs(conv);

    private static double Gigabytes(long elements) => 4e-9 * elements;

    private static long Outputs(Convolution conv) => SlidingWindow.Product(conv.Window.Output);

    private static bool IsStrided(Convolution conv) => conv.Window.Strides.Any(stride => stride > 1);
}
