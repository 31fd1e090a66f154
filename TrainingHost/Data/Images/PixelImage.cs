namespace TrainingHost.Data.Images;

/// <summary>The extent of an image, or of all images of a set.</summary>
internal readonly record struct ImageSize(int Channels, int Height, int Width)
{
    public override string ToString() => $"[{Channels}, {Height}, {Width}]";
}

/// <summary>
/// A decoded image: bytes 0 … 255, row after row, the channels of a pixel side by side (HWC). Four channels are red, green, blue, alpha.
/// </summary>
/// <param name="Pixels">Height · Width · Channels bytes.</param>
/// <param name="Size">Its extent.</param>
internal readonly record struct PixelImage(ReadOnlyMemory<byte> Pixels, ImageSize Size);

/// <summary>The part of an image that is looked at, in pixels from its upper left corner; borders may lie between two pixels.</summary>
internal readonly record struct Window(double Left, double Top, double Width, double Height)
{
    /// <summary>The largest part around the centre with the proportions of another size: what a resize to it takes without distortion.</summary>
    public static Window Centered(ImageSize image, int height, int width)
    {
        // Compared crosswise in whole numbers: the same proportions are no crop, however they are rounded.
        long tooWide = ((long)image.Width * height) - ((long)image.Height * width);
        double cropped = tooWide > 0 ? (double)image.Height * width / height : image.Width;
        double cut = tooWide < 0 ? (double)image.Width * height / width : image.Height;
        return new((image.Width - cropped) / 2, (image.Height - cut) / 2, cropped, cut);
    }
}
