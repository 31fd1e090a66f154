using System.Buffers.Binary;
using System.Text;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.Artifacts;

/// <summary>
/// A FlatBuffers file that need not be trusted: every offset is checked before it is followed, and the work that it can ask for is
/// bounded by its length. (Google.FlatBuffers 25.2.10 has a verifier, but it narrows table positions to 16 bits: it refuses whatever
/// is longer than 32 KB, and prints on the console.)
/// </summary>
internal sealed class FlatBuffer(ReadOnlyMemory<byte> bytes, string path)
{
    /// <summary>Characters of a finding that a message shows: damaged names may be of any length.</summary>
    private const int MostShown = 300;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<int, string> strings = []; // writers share equal strings
    private long unreadTables = bytes.Length / 8; // a table is an offset to it and an offset to its layout: at least 8 bytes
    private long unreadText = bytes.Length;

    /// <summary>The outermost table.</summary>
    /// <param name="identifier">The four characters that tell the kind of file.</param>
    public FlatTable Root(string identifier)
    {
        if (bytes.Length < 8 || !bytes.Span[4..8].SequenceEqual(Encoding.ASCII.GetBytes(identifier)))
            throw Unsupported($"not a checkpoint of ONNX Runtime Training ('{identifier}' is missing at byte 4)");
        return Table(0);
    }

    /// <summary>The table that an offset leads to.</summary>
    public FlatTable Table(int offsetAt)
    {
        if (--unreadTables < 0) throw Damaged("it has more tables than its length allows");
        return new(this, Follow(offsetAt));
    }

    /// <summary>The position that an offset leads to.</summary>
    public int Follow(int offsetAt)
    {
        long target = offsetAt + (long)BinaryPrimitives.ReadUInt32LittleEndian(Slice(offsetAt, 4).Span);
        return target < bytes.Length ? (int)target : throw Damaged($"the offset at byte {offsetAt} leaves the file");
    }

    /// <summary>The elements of the vector that an offset leads to.</summary>
    public (int Start, int Count) Vector(int offsetAt, int elementSize)
    {
        int at = Follow(offsetAt);
        long count = BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4).Span);
        Slice(at + 4L, count * elementSize);
        return (at + 4, (int)count);
    }

    public string Text(int offsetAt)
    {
        (int start, int count) = Vector(offsetAt, 1);
        if (strings.TryGetValue(start, out string? known)) return known;
        if ((unreadText -= count) < 0) throw Damaged("its strings overlap");
        try
        {
            return strings[start] = Utf8.GetString(Slice(start, count).Span);
        }
        catch (DecoderFallbackException)
        {
            throw Damaged($"the string at byte {start} is not UTF-8");
        }
    }

    public ReadOnlyMemory<byte> Slice(long start, long count) =>
        start >= 0 && count >= 0 && start + count <= bytes.Length
            ? bytes.Slice((int)start, (int)count)
            : throw Damaged($"{count} bytes at byte {start} leave the file");

    /// <summary>What to throw about this file; names inside the message may come from damaged bytes.</summary>
    public GraphRewriteException Damaged(string finding)
    {
        string line = string.Concat(finding.Take(MostShown));
        return Unsupported($"the checkpoint is damaged: {line} ({bytes.Length} bytes in all)", "Copy or generate it again");
    }

    /// <summary>What to throw about a file of another kind.</summary>
    public GraphRewriteException Unsupported(Phrase found, Phrase? remedy = null) =>
        new(new Finding(found, remedy) { Place = new() { File = path } });
}
