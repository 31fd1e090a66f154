namespace TrainingHost.Data;

/// <summary>
/// [c, h, w] → [C, H, W]. Channel k of the result is channel k mod c. Padding centres the image in black. Bilinear (half-pixel centres, no smoothing,
/// as PyTorch's interpolate): y = (Y + ½)·h/H − ½ held within 0 … h − 1, out(Y, X) = the four neighbours weighted by 1 − distance on each axis.
/// </summary>
internal sealed class ImageResize
{
    private readonly int channels, height, width;
    private readonly int toChannels, toHeight, toWidth;
    private readonly bool pads;
    private readonly Sample[] rows, columns;

    public ImageResize(IReadOnlyList<long> from, IReadOnlyList<long> to)
    {
        (channels, height, width) = ((int)from[0], (int)from[1], (int)from[2]);
        (toChannels, toHeight, toWidth) = checked(((int)to[0], (int)to[1], (int)to[2]));
        pads = IsPadded(height, toHeight) && IsPadded(width, toWidth);
        rows = pads ? [] : Samples(height, toHeight);
        columns = pads ? [] : Samples(width, toWidth);
    }

    /// <summary>What is done, for a sentence.</summary>
    public string Description
    {
        get
        {
            string repeated = channels == toChannels ? "" : $"channel repeated {toChannels} times";
            string sized = (height, width) == (toHeight, toWidth) ? "" : pads ? "padded with black" : "resized bilinearly";
            return string.Join(" and ", new[] { repeated, sized }.Where(part => part.Length > 0));
        }
    }

    public void Apply(ReadOnlySpan<float> image, Span<float> resized, float blank)
    {
        int area = height * width, toArea = toHeight * toWidth;
        for (int k = 0; k < channels; k++)
        {
            if (pads) Pad(image.Slice(k * area, area), resized.Slice(k * toArea, toArea), blank);
            else Interpolate(image.Slice(k * area, area), resized.Slice(k * toArea, toArea));
        }
        for (int k = channels; k < toChannels; k++)
            resized[..toArea].CopyTo(resized.Slice(k * toArea, toArea));
    }

    private static bool IsPadded(int from, int to) => to >= from && to - from <= from / 4;

    private void Pad(ReadOnlySpan<float> plane, Span<float> padded, float blank)
    {
        padded.Fill(blank);
        int top = (toHeight - height) / 2, left = (toWidth - width) / 2;
        for (int y = 0; y < height; y++)
            plane.Slice(y * width, width).CopyTo(padded[(((top + y) * toWidth) + left)..]);
    }

    private void Interpolate(ReadOnlySpan<float> plane, Span<float> resized)
    {
        for (int y = 0; y < toHeight; y++)
        {
            Sample row = rows[y];
            ReadOnlySpan<float> upper = plane.Slice(row.First * width, width), lower = plane.Slice(row.Second * width, width);
            Span<float> target = resized.Slice(y * toWidth, toWidth);
            for (int x = 0; x < target.Length; x++)
            {
                Sample column = columns[x];
                float above = upper[column.First] + (column.Weight * (upper[column.Second] - upper[column.First]));
                float below = lower[column.First] + (column.Weight * (lower[column.Second] - lower[column.First]));
                target[x] = above + (row.Weight * (below - above));
            }
        }
    }

    private static Sample[] Samples(int from, int to)
    {
        var samples = new Sample[to];
        for (int i = 0; i < to; i++)
        {
            double center = Math.Clamp(((i + 0.5) * from / to) - 0.5, 0, from - 1);
            int first = (int)center;
            samples[i] = new(first, Math.Min(first + 1, from - 1), (float)(center - first));
        }
        return samples;
    }

    /// <summary>Between two neighbours: (1 − weight)·first + weight·second.</summary>
    private readonly record struct Sample(int First, int Second, float Weight);
}
