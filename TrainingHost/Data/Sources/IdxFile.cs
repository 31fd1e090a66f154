using System.Buffers.Binary;
using System.IO.Compression;
using GraphRewrite.Diagnostics;
using GraphRewrite.Serialization;

namespace TrainingHost.Data.Sources;

/// <summary>
/// An idx file of bytes, plain or gzip'd: 0, 0, 8 (unsigned bytes), rank; then each dimension as a big-endian int32; then the data, row-major.
/// </summary>
internal sealed record IdxFile(string Name, IReadOnlyList<int> Dims, byte[] Data)
{
    private const byte UnsignedBytes = 8;
    private const int MaxRank = 4;

    /// <summary>What a gzip'd byte can become at most (deflate's limit): a larger claim in a header is a lie, not a reason to allocate.</summary>
    private const int MaxExpansion = 1032;

    public static IdxFile Read(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            return Read(file, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be read ({error.Message}).", error);
        }
    }

    /// <summary>Reads a seekable stream; gzip is recognised by its first two bytes, whatever the name.</summary>
    public static IdxFile Read(Stream stream, string name)
    {
        bool gzip = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
        stream.Position = 0;
        long limit = gzip ? stream.Length * MaxExpansion : stream.Length;
        try
        {
            using Stream data = gzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : stream;
            return Parse(data, name, limit);
        }
        catch (InvalidDataException error)
        {
            throw new GraphRewriteException($"{name}: damaged gzip data ({error.Message}). Download the file again.", error);
        }
        catch (EndOfStreamException error)
        {
            throw new GraphRewriteException($"{name}: the file ends before its header does. Download the file again.", error);
        }
    }

    private static IdxFile Parse(Stream data, string name, long limit)
    {
        Span<byte> word = stackalloc byte[4];
        data.ReadExactly(word);
        if (word[0] != 0 || word[1] != 0 || word[2] != UnsignedBytes || word[3] is 0 or > MaxRank)
        {
            throw new GraphRewriteException(
                $"{name}: begins with {Convert.ToHexString(word)}, which is not an idx file of bytes (000008 and a rank from 1 to {MaxRank}). "
                + "Give the unchanged idx files.");
        }
        var dims = new int[word[3]];
        long size = 1;
        for (int axis = 0; axis < dims.Length; axis++)
        {
            data.ReadExactly(word);
            dims[axis] = BinaryPrimitives.ReadInt32BigEndian(word);
            if (dims[axis] <= 0) throw new GraphRewriteException($"{name}: dimension {axis} of the header is {dims[axis]}; it must be positive.");
            size = size > int.MaxValue ? size : size * dims[axis];
        }
        string shape = string.Join(" x ", dims);
        if (size > Array.MaxLength) throw new GraphRewriteException($"{name}: {shape} bytes are more than the 2 GB that one file may hold.");
        if (size > limit) throw Truncated(name, shape, size);
        var bytes = new byte[size];
        int read = data.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length) throw Truncated(name, shape, size);
        if (data.ReadByte() >= 0)
            throw new GraphRewriteException($"{name}: there is more in it than the {shape} bytes of its header. Give the unchanged idx files.");
        return new(name, dims, bytes);
    }

    private static GraphRewriteException Truncated(string name, string shape, long size) =>
        new($"{name}: truncated, its header says {shape} = {size} bytes and fewer are there. Download the file again.");
}
