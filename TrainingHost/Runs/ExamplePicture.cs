using GraphRewrite.Forward;
using SkiaSharp;

namespace TrainingHost.Runs;

/// <summary>An example as a picture again: pixel = (x · std + mean) / scale, grey or in colour.</summary>
internal static class ExamplePicture
{
    /// <param name="example">What the model is fed: C · H · W elements in its layout.</param>
    /// <param name="pixels">How they were made.</param>
    public static byte[] Png(ReadOnlySpan<float> example, Preprocessing pixels)
    {
        (int channels, int height, int width) = (pixels.Channels, pixels.Height, pixels.Width);
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (byte red, byte green) = (Of(example, 0, y, x), Of(example, Math.Min(1, channels - 1), y, x));
                bitmap.SetPixel(x, y, new(red, green, blue: Of(example, Math.Min(2, channels - 1), y, x)));
            }
        }
        using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();

        byte Of(ReadOnlySpan<float> elements, int channel, int y, int x)
        {
            int at = pixels.Layout == InputLayout.ChannelsLast
                ? (((y * width) + x) * channels) + channel
                : (((channel * height) + y) * width) + x;
            return (byte)Math.Clamp(Math.Round(((elements[at] * pixels.Std[channel]) + pixels.Mean[channel]) / pixels.Scale), 0, 255);
        }
    }
}
