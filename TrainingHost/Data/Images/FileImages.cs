using System.Security.Cryptography;
using System.Text;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Images;

/// <summary>Image files, decoded when they are asked for.</summary>
internal sealed class FileImages : IImageSource
{
    private const int Probed = 64;

    private readonly string folder;
    private readonly string[] files;

    /// <param name="folder">Where they are.</param>
    /// <param name="files">Their paths within it.</param>
    /// <param name="size">The size of all of them; null looks at some of them.</param>
    public FileImages(string folder, string[] files, ImageSize? size = null)
    {
        (this.folder, this.files) = (folder, files);
        Size = size ?? CommonSize();
    }

    public int Count => files.Length;

    public ImageSize? Size { get; }

    public bool IsDecoded => true;

    public PixelImage Load(int index)
    {
        string path = Path.Combine(folder, files[index]);
        try
        {
            return ImageDecoder.Decode(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be read ({error.Message})", error);
        }
    }

    public string Place(int index) => Path.Combine(folder, files[index]);

    public void Identify(IncrementalHash hash)
    {
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(BitConverter.GetBytes(new FileInfo(Path.Combine(folder, file)).Length));
        }
    }

    /// <summary>The size of some of them, evenly over the list, where these are alike; it decides about open extents and words only.</summary>
    private ImageSize? CommonSize()
    {
        int stride = Math.Max(1, files.Length / Probed);
        ImageSize? common = null;
        for (int i = 0; i < files.Length; i += stride)
        {
            if (ImageDecoder.SizeOf(Path.Combine(folder, files[i])) is not { } size) continue; // damaged: said where it is loaded
            if (common is { } known && known != size) return null;
            common = size;
        }
        return common;
    }
}
