using System.Buffers.Binary;
using Google.FlatBuffers;
using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>
/// <see cref="Checkpoint"/> → FlatBuffers. The numbers are the fields' places in <c>checkpoint.fbs</c>. A vector may lie anywhere behind the field
/// that refers to it: the tensors' elements come after all tables, so that they go from where they are into the file.
/// </summary>
internal sealed class CheckpointWriter
{
    /// <summary>Tells the kind of file, in bytes 4 to 7.</summary>
    public const string Identifier = "ODTC";

    // 1.19.2 aligns to 4, and copies out whatever the alignment is; 16 lets a reader map vectors of any element type.
    private const int DataAlignment = 16;

    private readonly FlatBufferBuilder builder = new(1 << 16);

    /// <summary>Elements, and the fields that refer to them, as bytes from the end of the tables to where the field begins.</summary>
    private readonly List<(int Field, ReadOnlyMemory<byte> Elements)> data = [];

    private CheckpointWriter()
    {
    }

    /// <summary>Writes the file; the same checkpoint gives the same bytes.</summary>
    /// <exception cref="OverflowException">The checkpoint is larger than <see cref="CheckpointSize.Limit"/>.</exception>
    public static void Write(Checkpoint checkpoint, Stream stream)
    {
        var writer = new CheckpointWriter();
        writer.builder.Finish(writer.Root(checkpoint), Identifier);
        byte[] tables = writer.builder.SizedByteArray();
        var starts = new int[writer.data.Count];
        int end = tables.Length;
        foreach ((int i, (int field, ReadOnlyMemory<byte> elements)) in writer.data.Index())
        {
            starts[i] = checked((end + sizeof(uint) + DataAlignment - 1) / DataAlignment * DataAlignment) - sizeof(uint);
            end = checked(starts[i] + sizeof(uint) + elements.Length);
            int at = tables.Length - field;
            BinaryPrimitives.WriteUInt32LittleEndian(tables.AsSpan(at), (uint)(starts[i] - at));
        }
        stream.Write(tables);
        int written = tables.Length;
        Span<byte> before = stackalloc byte[DataAlignment + sizeof(uint)];
        foreach ((int start, (_, ReadOnlyMemory<byte> elements)) in starts.Zip(writer.data))
        {
            before.Clear(); // padding, then the vector's length
            BinaryPrimitives.WriteUInt32LittleEndian(before[(start - written)..], (uint)elements.Length);
            stream.Write(before[..(start - written + sizeof(uint))]);
            stream.Write(elements.Span);
            written = start + sizeof(uint) + elements.Length;
        }
    }

    private int Root(Checkpoint checkpoint)
    {
        int module = Module(checkpoint);
        int groups = checkpoint.OptimizerGroups.Count == 0 ? 0 : Vector(checkpoint.OptimizerGroups, Group);
        int properties = Properties(checkpoint.Properties);
        builder.StartTable(4);
        builder.AddInt(0, checkpoint.Version, 0);
        builder.AddOffset(1, module, 0);
        builder.AddOffset(2, groups, 0);
        builder.AddOffset(3, properties, 0);
        return builder.EndTable();
    }

    private int Module(Checkpoint checkpoint)
    {
        // 1.19.2 wants both vectors, empty or not.
        int trainable = Vector(checkpoint.Trainable, NamedTensor);
        int frozen = Vector(checkpoint.Frozen, NamedTensor);
        builder.StartTable(4);
        builder.AddOffset(0, trainable, 0);
        builder.AddOffset(1, frozen, 0);
        builder.AddBool(2, checkpoint.IsNominal, false);
        return builder.EndTable();
    }

    private int NamedTensor(KeyValuePair<string, Tensor> named)
    {
        (string key, Tensor tensor) = named;
        int name = Text(key);
        builder.StartVector(sizeof(long), tensor.Rank, sizeof(long));
        foreach (long dim in tensor.Dims.Reverse()) builder.AddLong(dim);
        int dims = builder.EndVector().Value;
        builder.StartTable(7);
        builder.AddOffset(0, name, 0);
        builder.AddOffset(2, dims, 0);
        builder.AddInt(3, (int)tensor.Type, 0);
        builder.AddUint(4, uint.MaxValue, 0); // to be known when the tables are
        data.Add((builder.Offset, tensor.Data));
        return builder.EndTable();
    }

    private int Group(OptimizerGroup group)
    {
        int name = Text(group.Name);
        int states = Vector(group.Momentums, State);
        builder.StartTable(4);
        builder.AddOffset(0, name, 0);
        builder.AddLong(1, group.Step, 0);
        builder.AddFloat(2, group.InitialLearningRate, 0);
        builder.AddOffset(3, states, 0);
        return builder.EndTable();
    }

    private int State(KeyValuePair<string, OrderedDictionary<string, Tensor>> state)
    {
        int name = Text(state.Key);
        int momentums = Vector(state.Value, NamedTensor);
        builder.StartTable(2);
        builder.AddOffset(0, name, 0);
        builder.AddOffset(1, momentums, 0);
        return builder.EndTable();
    }

    private int Properties(CheckpointProperties properties)
    {
        if (properties.Ints.Count + properties.Floats.Count + properties.Strings.Count == 0) return 0;
        int ints = Vector(properties.Ints, property => Property(property.Key, value => builder.AddLong(1, property.Value, 0)));
        int floats = Vector(properties.Floats, property => Property(property.Key, value => builder.AddFloat(1, property.Value, 0)));
        int strings = Vector(properties.Strings, property => Property(property.Key, value => builder.AddOffset(1, value, 0), Text(property.Value)));
        builder.StartTable(3);
        builder.AddOffset(0, ints, 0);
        builder.AddOffset(1, floats, 0);
        builder.AddOffset(2, strings, 0);
        return builder.EndTable();
    }

    /// <param name="key">The property's name.</param>
    /// <param name="addValue">Adds field 1; gets the offset of the value where that is a string.</param>
    /// <param name="text">That offset.</param>
    private int Property(string key, Action<int> addValue, int text = 0)
    {
        int name = Text(key);
        builder.StartTable(2);
        builder.AddOffset(0, name, 0);
        addValue(text);
        return builder.EndTable();
    }

    private int Vector<T>(ICollection<T> items, Func<T, int> write)
    {
        int[] offsets = [.. items.Select(write)];
        builder.StartVector(sizeof(int), offsets.Length, sizeof(int));
        foreach (int offset in offsets.Reverse()) builder.AddOffset(offset);
        return builder.EndVector().Value;
    }

    private int Text(string text) => builder.CreateSharedString(text).Value;
}
