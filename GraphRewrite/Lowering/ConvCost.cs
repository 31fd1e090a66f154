namespace GraphRewrite.Lowering;

/// <summary>
/// Estimated milliseconds of the convolution forms on ONNX Runtime's CPU provider with two cores. The rates are fitted to measured layers
/// (64 images, 3x3, 64 to 512 channels at 16x16 to 2x2): Conv is fast where an image has many positions, ConvTranspose where it has neither many nor few.
/// </summary>
internal static class ConvCost
{
    private const double GigaFlop = 1e9;
    private const double Gigabyte = 1e9;

    public static double OfConvolution(Convolution conv) => conv.Flops / GigaFlop * (Positions(conv) >= 128 ? 6.5 : 26);

    public static double OfTransposedConvolution(Convolution conv) => conv.Flops / GigaFlop * (Positions(conv) >= 16 ? 11 : 40);

    /// <summary>The Gemm, and writing and reading the patch matrix.</summary>
    public static double OfTaps(Convolution conv) => (conv.Flops / GigaFlop * 7) + (PatchBytes(conv) / Gigabyte * 250);

    public static double OfSwappedConvolution(Convolution conv) => conv.Flops / GigaFlop * 20;

    /// <summary>A product and a reduction over dY for each position of the kernel.</summary>
    public static double OfProducts(Convolution conv) => PatchBytes(conv) / Gigabyte * 150;

    /// <summary>The size of X's patches, one row a kernel position.</summary>
    public static double PatchBytes(Convolution conv) => 4.0 * conv.Batch * conv.Inputs * conv.Window.Taps * Positions(conv);

    private static long Positions(Convolution conv) => SlidingWindow.Product(conv.Window.Output);
}
