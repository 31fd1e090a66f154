using System.Runtime.InteropServices;
using GraphRewrite.Diagnostics;
using SkiaSharp;

namespace TrainingHost.Data.Images;

/// <summary>PNG, JPEG, BMP, WebP and GIF (its first image) through Skia, upright as the camera's EXIF orientation says.</summary>
internal static class ImageDecoder
{
    private const int Channels = 4;

    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif"];

    /// <param name="file">The file's bytes.</param>
    /// <param name="place">Its path, for messages.</param>
    /// <returns>Red, green, blue and alpha, not premultiplied.</returns>
    /// <exception cref="GraphRewriteException">It is no image, or ends too early.</exception>
    public static PixelImage Decode(byte[] file, string place)
    {
        using var stream = new SKMemoryStream(file);
        using SKCodec codec = SKCodec.Create(stream, out SKCodecResult opened)
            ?? throw new GraphRewriteException($"{place}: no PNG, JPEG, BMP, WebP or GIF image, or damaged ({opened})");
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        var pixels = new byte[checked(info.Width * info.Height * Channels)];
        GCHandle pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        SKCodecResult result;
        try
        {
            result = codec.GetPixels(info, pinned.AddrOfPinnedObject());
        }
        finally
        {
            pinned.Free();
        }
        if (result != SKCodecResult.Success) throw new GraphRewriteException($"{place}: the image is damaged ({result})");
        return Upright(pixels, info.Width, info.Height, codec.EncodedOrigin);
    }

    /// <summary>Its extent by the header alone, upright; null where it is no image.</summary>
    public static ImageSize? SizeOf(string path)
    {
        using SKCodec? codec = SKCodec.Create(path);
        if (codec is null) return null;
        int channels = codec.Info.ColorType == SKColorType.Gray8 ? 1 : 3;
        (int height, int width) = (codec.Info.Height, codec.Info.Width);
        return codec.EncodedOrigin >= SKEncodedOrigin.LeftTop ? new(channels, width, height) : new(channels, height, width);
    }

    /// <summary>
    /// EXIF's orientations 1 … 8: pixel (y, x) of the upright image is pixel (v, u) of the stored one, where 5 … 8 exchange the axes first, and
    /// u is mirrored in 2, 3, 7, 8, v in 3, 4, 6, 7.
    /// </summary>
    private static PixelImage Upright(byte[] stored, int storedWidth, int storedHeight, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft) return new(stored, new(Channels, storedHeight, storedWidth));
        bool exchanged = origin >= SKEncodedOrigin.LeftTop;
        bool mirrorsU = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight
            or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        bool mirrorsV = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft
            or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        (int width, int height) = exchanged ? (storedHeight, storedWidth) : (storedWidth, storedHeight);
        var upright = new byte[stored.Length];
        Span<int> to = MemoryMarshal.Cast<byte, int>(upright.AsSpan());
        ReadOnlySpan<int> from = MemoryMarshal.Cast<byte, int>(stored.AsSpan());
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int u, int v) = exchanged ? (y, x) : (x, y);
                if (mirrorsU) u = storedWidth - 1 - u;
                if (mirrorsV) v = storedHeight - 1 - v;
                to[(y * width) + x] = from[(v * storedWidth) + u];
            }
        }
        return new(upright, new(Channels, height, width));
    }
}
