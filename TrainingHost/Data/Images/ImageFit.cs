using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;

namespace TrainingHost.Data.Images;

/// <summary>
/// Makes an image the one that a model takes, by what it means, never by another reading of its bytes. Colours: grey is repeated, colour becomes
/// grey by ITU-R BT.601's luma (Pillow's), alpha is dropped. Size, the first that holds: the same; of images that are all alike and smaller by up
/// to a quarter on each axis: centred in black; else the largest centred part of the same proportions is resized (<see cref="Resampling"/>).
/// The result is channel planes of bytes.
/// </summary>
internal sealed class ImageFit
{
    private readonly ImageSize to;
    private readonly bool pads;

    /// <param name="input">The model input's name.</param>
    /// <param name="target">What it takes.</param>
    /// <param name="data">The size of the data's images, where all have the same.</param>
    /// <exception cref="GraphRewriteException">The channels cannot be made the model's.</exception>
    public ImageFit(string input, ImageTarget target, ImageSize? data)
    {
        Target = target;
        to = target.Size;
        if (data is { } from && !IsRow(from) && !CanConvert(from.Channels, to.Channels))
        {
            throw new GraphRewriteException($"The data's images are {from}, and '{input}' takes {to.Channels} channels: "
                + "grey, colour and alpha can be made of each other, other channels not. Give data with the model's channels");
        }
        pads = data is { } size && !IsRow(size) && size != to && IsPadded(size.Height, to.Height) && IsPadded(size.Width, to.Width)
            && (size.Height, size.Width) != (to.Height, to.Width);
        Description = Describe(input, data);
    }

    /// <summary>What is made.</summary>
    public ImageTarget Target { get; }

    /// <summary>One sentence: what is done to an image.</summary>
    public string Description { get; }

    /// <summary>Whether images are centred in black.</summary>
    public bool Pads => pads;

    /// <summary>Bytes of a fitted image.</summary>
    public int Length => to.Channels * to.Height * to.Width;

    /// <summary>The part of a fitted image that is no padding: top, left, height, width.</summary>
    public (int Top, int Left, int Height, int Width) Inside(ImageSize image) => pads
        ? ((to.Height - image.Height) / 2, (to.Width - image.Width) / 2, image.Height, image.Width) : (0, 0, to.Height, to.Width);

    /// <param name="image">The image.</param>
    /// <param name="planes">The fitted one: C planes of H · W bytes.</param>
    /// <param name="window">The part to take; null: as the class says.</param>
    public void Apply(PixelImage image, Span<byte> planes, Window? window = null)
    {
        ImageSize from = image.Size;
        if (IsRow(from)) image.Pixels.Span.CopyTo(planes);
        else if (window is null && pads) Pad(image, planes);
        else if (window is null && (from.Height, from.Width) == (to.Height, to.Width)) ToPlanes(image.Pixels.Span, from.Channels, planes);
        else
        {
            var resized = new byte[to.Height * to.Width * from.Channels];
            Resampling.Apply(image, window ?? Window.Centered(from, to.Height, to.Width), to.Height, to.Width, resized);
            ToPlanes(resized, from.Channels, planes);
        }
    }

    private string Describe(string input, ImageSize? data)
    {
        string takes = $"'{input}' [{string.Join(", ", Target.Dims)}]";
        string layout = Target.Layout switch
        {
            InputLayout.ChannelsLast => "laid out by rows of pixels (HWC)",
            InputLayout.Flat when Target.Dims.Count != 2 => "laid out as one row, plane after plane",
            _ => "",
        };
        if (data is not { } from)
        {
            string size = $"the largest centred part is resized to {to.Height} x {to.Width}, {Colours(to.Channels)}";
            return $"The data's images differ in size: {Join(size, layout)} for {takes}.";
        }
        string found = $"The data's examples are {from}";
        if (IsRow(from) && from != to) return $"The data's examples are [{from.Width}]: taken as channel planes of {takes}.";
        bool same = (from.Height, from.Width) == (to.Height, to.Width);
        Window window = Window.Centered(from, to.Height, to.Width);
        bool crops = window.Width < from.Width || window.Height < from.Height;
        string sized = same ? "" : pads ? "padded with black"
            : crops ? $"centre cropped to {window.Height:0} x {window.Width:0} and resized" : "resized bilinearly";
        string channels = from.Channels == to.Channels ? "" : from.Channels == 1 ? $"channel repeated {to.Channels} times"
            : to.Channels == 1 ? "made grey" : "alpha dropped";
        string done = Join(channels, sized, layout);
        return done.Length == 0 ? $"{found} as '{input}' takes them." : $"{found}: {done} to fit {takes}.";
    }

    private static string Join(params string[] parts) => string.Join(", ", parts.Where(part => part.Length > 0));

    private static string Colours(int channels) => channels switch { 1 => "in grey", 3 or 4 => "in colour", _ => $"{channels} channels" };

    private static bool IsPadded(int from, int to) => to >= from && to - from <= from / 4;

    /// <summary>A single row of one channel that fills the image: the data has no axes, only elements (N x F).</summary>
    private bool IsRow(ImageSize from) => from is { Channels: 1, Height: 1 } && from.Width == Length;

    private static bool CanConvert(int from, int to) => from == to || from == 1 || (from is 3 or 4 && to is 1 or 3);

    private void Pad(PixelImage image, Span<byte> planes)
    {
        (int height, int width, int area) = (image.Size.Height, image.Size.Width, to.Height * to.Width);
        var fitted = new byte[height * width * to.Channels];
        ToPlanes(image.Pixels.Span, image.Size.Channels, fitted);
        planes.Clear();
        (int top, int left, _, _) = Inside(image.Size);
        for (int c = 0; c < to.Channels; c++)
        {
            for (int y = 0; y < height; y++)
                fitted.AsSpan(((c * height) + y) * width, width).CopyTo(planes[((c * area) + ((top + y) * to.Width) + left)..]);
        }
    }

    private void ToPlanes(ReadOnlySpan<byte> pixels, int channels, Span<byte> planes)
    {
        int area = pixels.Length / channels;
        if (!CanConvert(channels, to.Channels))
            throw new GraphRewriteException($"an image has {channels} channels, the model takes {to.Channels}");
        if (channels >= 3 && to.Channels == 1)
        {
            for (int i = 0; i < area; i++)
            {
                int red = pixels[channels * i], green = pixels[(channels * i) + 1], blue = pixels[(channels * i) + 2];
                planes[i] = (byte)(((19595 * red) + (38470 * green) + (7471 * blue) + 0x8000) >> 16);
            }
            return;
        }
        for (int c = 0; c < to.Channels; c++)
        {
            Span<byte> plane = planes.Slice(c * area, area);
            int source = channels == 1 ? 0 : c;
            if (channels == 1) pixels.CopyTo(plane);
            else
                for (int i = 0; i < area; i++) plane[i] = pixels[(i * channels) + source];
        }
    }
}
