using System.Runtime.InteropServices;
using Google.FlatBuffers;
using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary><see cref="Checkpoint"/> → FlatBuffers. The numbers are the fields' places in <c>checkpoint.fbs</c>.</summary>
internal sealed class CheckpointWriter
{
    /// <summary>Tells the kind of file, in bytes 4 to 7.</summary>
    public const string Identifier = "ODTC";

    // 1.19.2 aligns to 4, and copies out whatever the alignment is; 16 lets a reader map vectors of any element type.
    private const int DataAlignment = 16;

    private readonly FlatBufferBuilder builder;

    private CheckpointWriter(int capacity) => builder = new(capacity);

    /// <returns>The file's bytes; the same checkpoint gives the same.</returns>
    /// <exception cref="OverflowException">The checkpoint is larger than <see cref="CheckpointSize.Limit"/>.</exception>
    public static ArraySegment<byte> Write(Checkpoint checkpoint)
    {
        // The builder doubles its buffer when that is full, which ends at 1 GB: it starts with enough.
        var writer = new CheckpointWriter(checked((int)CheckpointSize.Of(checkpoint).Total));
        writer.builder.Finish(writer.Root(checkpoint), Identifier);
        ByteBuffer bytes = writer.builder.DataBuffer;
        return bytes.ToArraySegment(bytes.Position, bytes.Length - bytes.Position);
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
        int data = Bytes(tensor.Data);
        builder.StartTable(7);
        builder.AddOffset(0, name, 0);
        builder.AddOffset(2, dims, 0);
        builder.AddInt(3, (int)tensor.Type, 0);
        builder.AddOffset(4, data, 0);
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

    private int Bytes(ReadOnlyMemory<byte> data)
    {
        builder.StartVector(1, data.Length, DataAlignment);
        if (!data.IsEmpty) builder.Put(MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment) ? segment : data.ToArray());
        return builder.EndVector().Value;
    }

    private int Text(string text) => builder.CreateSharedString(text).Value;
}
