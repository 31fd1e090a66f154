using System.Security.Cryptography;

namespace TrainingHost.Data.Images;

/// <summary>Images by number. Loading is pure: the same number gives the same pixels, from any thread.</summary>
internal interface IImageSource
{
    int Count { get; }

    /// <summary>The extent that all of them have; null where they differ.</summary>
    ImageSize? Size { get; }

    /// <summary>Whether a look at an image costs more than reading memory: then it pays to keep what was made of it.</summary>
    bool IsDecoded { get; }

    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">The image is damaged or gone.</exception>
    PixelImage Load(int index);

    /// <summary>What a message calls an image: its file, or its number.</summary>
    string Place(int index);

    /// <summary>Adds what tells these images from others to a hash: names and sizes of files, the bytes of what is in memory.</summary>
    void Identify(IncrementalHash hash);
}
