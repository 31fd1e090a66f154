using GraphRewrite.Randomness;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// A random part of the image, resized to what the model takes (Inception's crop, with torchvision's ranges): an area from
/// <paramref name="Smallest"/> to 1 of the image's, proportions from 3/4 to 4/3 of the model's (uniform in their logarithm); where ten draws do not
/// fit in, the largest centred part.
/// </summary>
/// <param name="Smallest">Above 0, at most 1.</param>
internal sealed record ResizedCrop(float Smallest)
{
    private const int Tries = 10;

    public Window Draw(ImageSize image, ImageSize target, ref Pcg32 random)
    {
        double proportions = (double)target.Width / target.Height;
        for (int i = 0; i < Tries; i++)
        {
            double area = (double)image.Height * image.Width * (Smallest + ((1 - Smallest) * random.NextSingle()));
            double ratio = proportions * Math.Exp(Math.Log(4 / 3.0) * ((2 * random.NextSingle()) - 1));
            (int height, int width) = ((int)Math.Round(Math.Sqrt(area / ratio)), (int)Math.Round(Math.Sqrt(area * ratio)));
            if (height < 1 || width < 1 || height > image.Height || width > image.Width) continue;
            return new(random.Next((uint)(image.Width - width + 1)), random.Next((uint)(image.Height - height + 1)), width, height);
        }
        return Window.Centered(image, target.Height, target.Width);
    }
}
