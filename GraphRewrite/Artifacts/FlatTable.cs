using System.Buffers.Binary;

namespace GraphRewrite.Artifacts;

/// <summary>One table of a <see cref="FlatBuffer"/>. Fields go by their place in the schema; an absent field has its default.</summary>
internal sealed class FlatTable
{
    private readonly FlatBuffer buffer;
    private readonly int position;
    private readonly int size; // of the inline part
    private readonly ReadOnlyMemory<byte> fields; // 16-bit offsets of the fields from the position, 0 = absent

    public FlatTable(FlatBuffer buffer, int position)
    {
        this.buffer = buffer;
        this.position = position;
        long layout = position - (long)BinaryPrimitives.ReadInt32LittleEndian(buffer.Slice(position, 4).Span);
        int layoutSize = BinaryPrimitives.ReadUInt16LittleEndian(buffer.Slice(layout, 4).Span);
        size = BinaryPrimitives.ReadUInt16LittleEndian(buffer.Slice(layout + 2, 2).Span);
        if (layoutSize < 4 || layoutSize % 2 != 0 || size < 4) throw buffer.Damaged($"the table at byte {position} has no layout");
        buffer.Slice(position, size);
        fields = buffer.Slice(layout + 4, layoutSize - 4);
    }

    public bool Bool(int field) => At(field, 1) is { } at && buffer.Slice(at, 1).Span[0] != 0;

    public int Int32(int field) => At(field, 4) is { } at ? BinaryPrimitives.ReadInt32LittleEndian(buffer.Slice(at, 4).Span) : 0;

    public long Int64(int field) => At(field, 8) is { } at ? BinaryPrimitives.ReadInt64LittleEndian(buffer.Slice(at, 8).Span) : 0;

    public float Single(int field) => At(field, 4) is { } at ? BinaryPrimitives.ReadSingleLittleEndian(buffer.Slice(at, 4).Span) : 0;

    public string? Text(int field) => At(field, 4) is { } at ? buffer.Text(at) : null;

    public FlatTable? Table(int field) => At(field, 4) is { } at ? buffer.Table(at) : null;

    public IEnumerable<FlatTable> Tables(int field)
    {
        if (At(field, 4) is not { } at) yield break;
        (int start, int count) = buffer.Vector(at, 4);
        for (int i = 0; i < count; i++) yield return buffer.Table(start + 4 * i);
    }

    public ReadOnlyMemory<byte>? Bytes(int field)
    {
        if (At(field, 4) is not { } at) return null;
        (int start, int count) = buffer.Vector(at, 1);
        return buffer.Slice(start, count);
    }

    /// <summary>A vector of int64; null where the field is absent. One of more than <paramref name="most"/> elements counts as damage.</summary>
    public long[]? Int64s(int field, int most)
    {
        if (At(field, 4) is not { } at) return null;
        (int start, int count) = buffer.Vector(at, 8);
        if (count > most) throw buffer.Damaged($"the vector at byte {start} has {count} elements");
        return [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt64LittleEndian(buffer.Slice(start + 8 * i, 8).Span))];
    }

    private int? At(int field, int fieldSize)
    {
        if (2 * field >= fields.Length) return null;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(fields.Span[(2 * field)..]);
        if (offset == 0) return null;
        return offset >= 4 && offset + fieldSize <= size
            ? position + offset
            : throw buffer.Damaged($"field {field} of the table at byte {position} leaves it");
    }
}
