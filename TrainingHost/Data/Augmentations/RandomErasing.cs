using GraphRewrite.Randomness;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// Random erasing (Zhong et al. 2017, arXiv 1708.04896), with torchvision's ranges: with a probability, a rectangle of 2 … 33 % of the image, of
/// proportions from 0.3 to 3.3 (uniform in their logarithm), becomes zero, which is the mean colour of a normalized image.
/// </summary>
/// <param name="Probability">From 0 to 1.</param>
internal sealed record RandomErasing(float Probability)
{
    private const int Tries = 10;

    /// <param name="planes">A normalized image.</param>
    /// <param name="random">The example's generator.</param>
    public void Apply(Planes planes, ref Pcg32 random)
    {
        if (random.NextSingle() >= Probability) return;
        (int imageHeight, int imageWidth) = (planes.Size.Height, planes.Size.Width);
        for (int i = 0; i < Tries; i++)
        {
            double area = planes.Area * (0.02 + (0.31 * random.NextSingle()));
            double ratio = Math.Exp(Math.Log(0.3) + ((Math.Log(3.3) - Math.Log(0.3)) * random.NextSingle()));
            (int height, int width) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (height < 1 || width < 1 || height >= imageHeight || width >= imageWidth) continue;
            int top = (int)random.Next((uint)(imageHeight - height + 1)), left = (int)random.Next((uint)(imageWidth - width + 1));
            for (int c = 0; c < planes.Size.Channels; c++)
                for (int y = top; y < top + height; y++) planes.Row(c, y).Slice(left, width).Clear();
            return;
        }
    }
}
