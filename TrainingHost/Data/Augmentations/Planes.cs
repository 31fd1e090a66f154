using System.Buffers;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Augmentations;

/// <summary>An image as channel planes of numbers, 0 … 255 where it is not said otherwise; it is changed in place.</summary>
/// <param name="values">C planes of H rows of W.</param>
/// <param name="size">C, H, W.</param>
internal readonly ref struct Planes(Span<float> values, ImageSize size)
{
    public Span<float> Values { get; } = values;

    public ImageSize Size { get; } = size;

    public int Area => Size.Height * Size.Width;

    public Span<float> Channel(int channel) => Values.Slice(channel * Area, Area);

    public Span<float> Row(int channel, int y) => Values.Slice((channel * Area) + (y * Size.Width), Size.Width);

    /// <summary>Runs a change that reads the image as it was.</summary>
    /// <param name="change">Takes the planes and a copy of their values.</param>
    public void WithCopy(CopyChange change)
    {
        float[] copy = ArrayPool<float>.Shared.Rent(Values.Length);
        Values.CopyTo(copy);
        change(this, copy.AsSpan(0, Values.Length));
        ArrayPool<float>.Shared.Return(copy);
    }

    /// <summary>A change that reads the image as it was.</summary>
    internal delegate void CopyChange(Planes planes, ReadOnlySpan<float> before);
}
