using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TrainingHost.Data.Images;

/// <summary>Images of one size in memory.</summary>
internal sealed class ByteImages : IImageSource
{
    private readonly string name;
    private readonly byte[] pixels;
    private readonly ImageSize size;
    private readonly int length;

    /// <param name="name">The file or name that they came from.</param>
    /// <param name="pixels">Image after image, HWC.</param>
    /// <param name="size">Of each.</param>
    public ByteImages(string name, byte[] pixels, ImageSize size)
    {
        (this.name, this.pixels, this.size) = (name, pixels, size);
        length = checked(size.Channels * size.Height * size.Width);
    }

    public int Count => pixels.Length / length;

    public ImageSize? Size => size;

    public bool IsDecoded => false;

    /// <summary>Channel planes (CHW) → channels side by side (HWC), in place: [image, C, H·W] → [image, H·W, C].</summary>
    public static ByteImages OfPlanes(string name, byte[] planes, ImageSize size)
    {
        int area = size.Height * size.Width, channels = size.Channels;
        if (channels > 1)
        {
            var image = new byte[area * channels];
            for (int start = 0; start < planes.Length; start += image.Length)
            {
                Span<byte> place = planes.AsSpan(start, image.Length);
                for (int c = 0; c < channels; c++)
                    for (int i = 0; i < area; i++) image[(i * channels) + c] = place[(c * area) + i];
                image.CopyTo(place);
            }
        }
        return new(name, planes, size);
    }

    public PixelImage Load(int index) => new(pixels.AsMemory(index * length, length), size);

    public string Place(int index) => $"{name}, image {index}";

    public void Identify(IncrementalHash hash)
    {
        hash.AppendData(MemoryMarshal.AsBytes([size.Channels, size.Height, size.Width]));
        hash.AppendData(pixels);
    }
}
