using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data;

/// <summary>
/// Images as the model takes them, as bytes. What took decoding or resizing is kept where all of them together have room: then the second epoch reads
/// memory.
/// </summary>
internal sealed class FittedImages
{
    private const long KeptBytes = 1L << 30;

    private readonly byte[]?[] kept;

    public FittedImages(IImageSource source, ImageFit fit)
    {
        (Source, Fit) = (source, fit);
        ImageSize size = fit.Target.Size;
        bool made = source.IsDecoded || source.Size is not { } own || (own.Height, own.Width) != (size.Height, size.Width);
        kept = made && (long)source.Count * fit.Length <= KeptBytes ? new byte[]?[source.Count] : [];
    }

    public IImageSource Source { get; }

    public ImageFit Fit { get; }

    /// <summary>The fitted image of a row: channel planes.</summary>
    /// <param name="row">Which.</param>
    /// <param name="scratch">Room for one, which may hold the result.</param>
    /// <exception cref="GraphRewriteException">The image is damaged.</exception>
    public ReadOnlySpan<byte> Of(int row, byte[] scratch)
    {
        if (kept.Length == 0)
        {
            Fitted(row, scratch, null);
            return scratch.AsSpan(0, Fit.Length);
        }
        // Two threads may both make it: the same bytes.
        if (Volatile.Read(ref kept[row]) is { } known) return known;
        var planes = new byte[Fit.Length];
        Fitted(row, planes, null);
        Volatile.Write(ref kept[row], planes);
        return planes;
    }

    /// <summary>A window of the image, resized to what the model takes.</summary>
    public void OfWindow(int row, Func<ImageSize, Window> window, Span<byte> planes) => Fitted(row, planes, window);

    private void Fitted(int row, Span<byte> planes, Func<ImageSize, Window>? window)
    {
        PixelImage image = Source.Load(row);
        try
        {
            Fit.Apply(image, planes, window?.Invoke(image.Size));
        }
        catch (GraphRewriteException e)
        {
            throw new GraphRewriteException($"{Source.Place(row)}: {e.Message}", e);
        }
    }
}
