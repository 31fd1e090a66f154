namespace TrainingHost.Data.Images;

/// <summary>
/// A window of an image, h x w, resized to H x W with the triangle filter, which is bilinear interpolation where the image grows and averages where
/// it shrinks (Pillow's BILINEAR; PyTorch's bilinear with antialias). Along each axis with s = h/H, r = max(1, s), c = top + (Y + ½)·s:
/// out(Y) = Σ_y f(y)·in(y) / Σ_y f(y), f(y) = max(0, 1 − |y + ½ − c| / r) over the pixels y of the image.
/// </summary>
internal static class Resampling
{
    /// <param name="image">The image, HWC.</param>
    /// <param name="window">The part of it.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="resized">H · W · channels bytes, HWC.</param>
    public static void Apply(PixelImage image, Window window, int height, int width, Span<byte> resized)
    {
        (int channels, _, int imageWidth) = (image.Size.Channels, image.Size.Height, image.Size.Width);
        Taps[] rows = TapsOf(window.Top, window.Height, height, image.Size.Height);
        Taps[] columns = TapsOf(window.Left, window.Width, width, imageWidth);
        int first = rows[0].First, last = rows[^1].First + rows[^1].Weights.Length;
        int line = width * channels;
        var narrowed = new float[(last - first) * line];
        ReadOnlySpan<byte> pixels = image.Pixels.Span;
        for (int y = first; y < last; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * imageWidth * channels, imageWidth * channels);
            Horizontally(row, columns, channels, narrowed.AsSpan((y - first) * line, line));
        }
        var sum = new float[line];
        for (int y = 0; y < height; y++)
        {
            Array.Clear(sum);
            (int begin, float[] weights) = rows[y];
            for (int k = 0; k < weights.Length; k++)
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(narrowed.AsSpan((begin - first + k) * line, line), weights[k], sum, sum);
            Span<byte> target = resized.Slice(y * line, line);
            // Weights sum to one: nothing leaves 0 … 255 but by rounding.
            for (int i = 0; i < line; i++) target[i] = (byte)Math.Clamp(sum[i] + 0.5f, 0, 255);
        }
    }

    private static void Horizontally(ReadOnlySpan<byte> pixels, Taps[] columns, int channels, Span<float> narrowed)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            (int first, float[] weights) = columns[x];
            ReadOnlySpan<byte> from = pixels.Slice(first * channels, weights.Length * channels);
            if (channels == 4)
            {
                var sum = System.Numerics.Vector4.Zero;
                for (int k = 0; k < weights.Length; k++)
                    sum += weights[k] * new System.Numerics.Vector4(from[4 * k], from[(4 * k) + 1], from[(4 * k) + 2], from[(4 * k) + 3]);
                sum.CopyTo(narrowed[(4 * x)..]);
                continue;
            }
            for (int c = 0; c < channels; c++)
            {
                float sum = 0;
                for (int k = 0; k < weights.Length; k++) sum += weights[k] * from[(k * channels) + c];
                narrowed[(x * channels) + c] = sum;
            }
        }
    }

    private static Taps[] TapsOf(double start, double length, int size, int pixels)
    {
        var taps = new Taps[size];
        double scale = length / size, reach = Math.Max(1, scale);
        for (int i = 0; i < size; i++)
        {
            double center = start + ((i + 0.5) * scale);
            int first = Math.Clamp((int)Math.Floor(center - reach + 0.5), 0, pixels - 1);
            int end = Math.Clamp((int)Math.Ceiling(center + reach - 0.5), first + 1, pixels);
            var weights = new double[end - first];
            for (int k = 0; k < weights.Length; k++) weights[k] = Math.Max(0, 1 - (Math.Abs(first + k + 0.5 - center) / reach));
            double sum = weights.Sum();
            taps[i] = new(first, [.. weights.Select(weight => (float)(weight / sum))]);
        }
        return taps;
    }

    /// <summary>The pixels that make one, and what each contributes.</summary>
    private readonly record struct Taps(int First, float[] Weights);
}
