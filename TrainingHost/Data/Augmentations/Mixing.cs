using System.Numerics.Tensors;
using GraphRewrite.Forward;
using GraphRewrite.Randomness;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// MixUp (Zhang et al. 2017, arXiv 1710.09412): x ← λx + (1 − λ)x′ and the same of the labels, λ from Beta(α, α), x′ the example at the other end of
/// the batch. CutMix (Yun et al. 2019, arXiv 1905.04899): a rectangle of the part 1 − λ of x′ is put into x, around a centre drawn uniformly and cut
/// off at the border; labels in proportion to the areas. Both given: one of them, drawn batch by batch.
/// </summary>
/// <param name="MixUp">α of MixUp; 0: none.</param>
/// <param name="CutMix">α of CutMix; 0: none.</param>
internal sealed record Mixing(float MixUp, float CutMix)
{
    /// <param name="count">Examples in the batch.</param>
    /// <param name="inputs">An example's numbers, one function for each input.</param>
    /// <param name="labels">An example's labels: what part is of each class.</param>
    /// <param name="image">How the first input lays an image out; null where it is none.</param>
    /// <param name="random">The batch's own generator.</param>
    public void Apply(int count, IReadOnlyList<RowOf> inputs, RowOf labels, ImageTarget? image, Pcg32 random)
    {
        bool cuts = MixUp == 0 || (CutMix > 0 && random.Next(2) == 1);
        float lambda = Beta(cuts ? CutMix : MixUp, ref random);
        if (cuts)
        {
            (int top, int left, int height, int width) = Box(image!.Size, lambda, ref random);
            lambda = 1 - ((float)(height * width) / (image.Size.Height * image.Size.Width));
            for (int row = 0; row < count / 2; row++) Exchange(inputs[0](row), inputs[0](count - 1 - row), image, top, left, height, width);
        }
        else
        {
            foreach (RowOf input in inputs)
                for (int row = 0; row < count / 2; row++) Blend(input(row), input(count - 1 - row), lambda);
        }
        for (int row = 0; row < count / 2; row++) Blend(labels(row), labels(count - 1 - row), lambda);
    }

    /// <summary>The numbers of one example.</summary>
    internal delegate Span<float> RowOf(int row);

    /// <summary>Both become mixtures: a ← λa + (1 − λ)b, b ← λb + (1 − λ)a.</summary>
    private static void Blend(Span<float> a, Span<float> b, float lambda)
    {
        for (int i = 0; i < a.Length; i++) (a[i], b[i]) = ((lambda * a[i]) + ((1 - lambda) * b[i]), (lambda * b[i]) + ((1 - lambda) * a[i]));
    }

    private static void Exchange(Span<float> a, Span<float> b, ImageTarget image, int top, int left, int height, int width)
    {
        bool last = image.Layout == InputLayout.ChannelsLast;
        (int planes, int each) = last ? (1, image.Size.Channels) : (image.Size.Channels, 1);
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = top; y < top + height; y++)
            {
                int start = ((((plane * image.Size.Height) + y) * image.Size.Width) + left) * each;
                for (int i = start; i < start + (width * each); i++) (a[i], b[i]) = (b[i], a[i]);
            }
        }
    }

    private static (int Top, int Left, int Height, int Width) Box(ImageSize size, float lambda, ref Pcg32 random)
    {
        double side = Math.Sqrt(1 - lambda);
        (int height, int width) = ((int)(size.Height * side), (int)(size.Width * side));
        (int centerY, int centerX) = ((int)random.Next((uint)size.Height), (int)random.Next((uint)size.Width));
        int top = Math.Clamp(centerY - (height / 2), 0, size.Height), left = Math.Clamp(centerX - (width / 2), 0, size.Width);
        int bottom = Math.Clamp(centerY + (height / 2), 0, size.Height), right = Math.Clamp(centerX + (width / 2), 0, size.Width);
        return (top, left, bottom - top, right - left);
    }

    /// <summary>Beta(α, α) = G/(G + G′) with G, G′ from Gamma(α).</summary>
    private static float Beta(float alpha, ref Pcg32 random)
    {
        (double first, double second) = (Gamma(alpha, ref random), Gamma(alpha, ref random));
        return first + second > 0 ? (float)(first / (first + second)) : random.Next(2);
    }

    /// <summary>Marsaglia and Tsang 2000: d(1 + x/√(9d))³ with d = α − ⅓, by rejection; for α below 1, Gamma(α + 1) · u^(1/α).</summary>
    private static double Gamma(double alpha, ref Pcg32 random)
    {
        if (alpha < 1) return Gamma(alpha + 1, ref random) * Math.Pow(random.NextSingle(), 1 / alpha);
        double d = alpha - (1 / 3.0);
        while (true)
        {
            double x = random.NextNormal(), v = Math.Pow(1 + (x / Math.Sqrt(9 * d)), 3);
            if (v > 0 && Math.Log(1 - random.NextSingle()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) return d * v;
        }
    }
}
