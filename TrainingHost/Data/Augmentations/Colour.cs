using System.Numerics.Tensors;

namespace TrainingHost.Data.Augmentations;

/// <summary>
/// Changes of colour, as Pillow's ImageEnhance and ImageOps make them. Enhancing by f: out = f·in + (1 − f)·other, held within 0 … 255; f = 1 changes
/// nothing.
/// </summary>
internal static class Colour
{
    private const float White = 255;

    /// <summary>other = black.</summary>
    public static void Brightness(Planes planes, float factor)
    {
        TensorPrimitives.Multiply(planes.Values, factor, planes.Values);
        Hold(planes.Values);
    }

    /// <summary>other = the mean of the grey image, everywhere.</summary>
    public static void Contrast(Planes planes, float factor)
    {
        float mean = 0;
        for (int i = 0; i < planes.Area; i++) mean += Grey(planes, i);
        mean = MathF.Floor((mean / planes.Area) + 0.5f);
        TensorPrimitives.Multiply(planes.Values, factor, planes.Values);
        TensorPrimitives.Add(planes.Values, (1 - factor) * mean, planes.Values);
        Hold(planes.Values);
    }

    /// <summary>other = the grey image.</summary>
    public static void Saturation(Planes planes, float factor)
    {
        if (planes.Size.Channels < 3) return;
        for (int i = 0; i < planes.Area; i++)
        {
            float grey = (1 - factor) * Grey(planes, i);
            for (int c = 0; c < 3; c++) planes.Channel(c)[i] = Math.Clamp((factor * planes.Channel(c)[i]) + grey, 0, White);
        }
    }

    /// <summary>other = the image smoothed by (1 1 1, 1 5 1, 1 1 1)/13, its border as it is.</summary>
    public static void Sharpness(Planes planes, float factor) => planes.WithCopy((to, before) =>
    {
        (int height, int width) = (to.Size.Height, to.Size.Width);
        for (int c = 0; c < to.Size.Channels; c++)
        {
            ReadOnlySpan<float> plane = before.Slice(c * to.Area, to.Area);
            for (int y = 1; y < height - 1; y++)
            {
                Span<float> row = to.Row(c, y);
                for (int x = 1; x < width - 1; x++)
                {
                    float sum = 4 * plane[(y * width) + x];
                    for (int dy = -1; dy <= 1; dy++)
                        for (int dx = -1; dx <= 1; dx++) sum += plane[((y + dy) * width) + x + dx];
                    row[x] = Math.Clamp((factor * plane[(y * width) + x]) + ((1 - factor) * sum / 13), 0, White);
                }
            }
        }
    });

    /// <summary>Keeps the upper bits of each byte.</summary>
    public static void Posterize(Planes planes, int bits)
    {
        int mask = 0xFF << (8 - bits);
        foreach (ref float value in planes.Values) value = Byte(value) & mask;
    }

    /// <summary>v ≥ threshold becomes 255 − v.</summary>
    public static void Solarize(Planes planes, float threshold)
    {
        foreach (ref float value in planes.Values)
            if (value >= threshold) value = White - value;
    }

    /// <summary>Each channel stretched to 0 … 255.</summary>
    public static void AutoContrast(Planes planes)
    {
        for (int c = 0; c < planes.Size.Channels; c++)
        {
            Span<float> channel = planes.Channel(c);
            (float low, float high) = (TensorPrimitives.Min<float>(channel), TensorPrimitives.Max<float>(channel));
            if (high <= low) continue;
            float scale = White / (high - low);
            foreach (ref float value in channel) value = (value - low) * scale;
        }
    }

    /// <summary>
    /// Each channel's histogram made level: v → (s/2 + how many are below v) / s, s = (all but those of the highest value)/255, in whole numbers.
    /// </summary>
    public static void Equalize(Planes planes)
    {
        Span<int> histogram = stackalloc int[256];
        Span<float> table = stackalloc float[256];
        for (int c = 0; c < planes.Size.Channels; c++)
        {
            Span<float> channel = planes.Channel(c);
            histogram.Clear();
            foreach (float value in channel) histogram[Byte(value)]++;
            int step = (channel.Length - histogram[histogram.LastIndexOfAnyExcept(0)]) / 255;
            if (step == 0) continue;
            int sum = step / 2;
            for (int v = 0; v < table.Length; v++)
            {
                table[v] = Math.Min(sum / step, 255);
                sum += histogram[v];
            }
            foreach (ref float value in channel) value = table[Byte(value)];
        }
    }

    private static int Byte(float value) => (int)Math.Clamp(value + 0.5f, 0, White);

    private static float Grey(Planes planes, int i) => planes.Size.Channels < 3 ? planes.Values[i]
        : (0.299f * planes.Values[i]) + (0.587f * planes.Values[planes.Area + i]) + (0.114f * planes.Values[(2 * planes.Area) + i]);

    private static void Hold(Span<float> values) => TensorPrimitives.Clamp(values, 0, White, values);
}
