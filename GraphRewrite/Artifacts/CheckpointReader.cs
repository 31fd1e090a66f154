using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>FlatBuffers → <see cref="Checkpoint"/>. The numbers are the fields' places in <c>checkpoint.fbs</c>.</summary>
internal static class CheckpointReader
{
    public const int MostDims = 64;

    public static Checkpoint Read(FlatBuffer file)
    {
        FlatTable root = file.Root(CheckpointWriter.Identifier);
        int version = root.Int32(0);
        if (version is < 1 or > Checkpoint.CurrentVersion)
        {
            throw file.Unsupported(
                $"the checkpoint has format version {version}; 1 and {Checkpoint.CurrentVersion} are known (ONNX Runtime Training up to 1.19.2)");
        }
        FlatTable module = root.Table(1) ?? throw file.Damaged("it holds no parameters");
        if (module.Bool(3))
        {
            throw file.Unsupported(
                "the checkpoint keeps its parameters in a second file, which is not supported", "Save it with less than 2 GB of parameters");
        }

        var checkpoint = new Checkpoint { Version = version, IsNominal = module.Bool(2) };
        ReadTensors(file, module.Tables(0), checkpoint.Trainable, checkpoint.IsNominal);
        ReadTensors(file, module.Tables(1), checkpoint.Frozen, checkpoint.IsNominal);
        if (checkpoint.Trainable.Keys.FirstOrDefault(checkpoint.Frozen.ContainsKey) is { } both)
            throw file.Damaged($"the parameter '{both}' is both trainable and frozen");
        var groups = new HashSet<string>();
        foreach (FlatTable group in root.Tables(2))
        {
            OptimizerGroup read = ReadGroup(file, group);
            if (!groups.Add(read.Name)) throw file.Damaged($"the optimizer group '{read.Name}' occurs twice");
            checkpoint.OptimizerGroups.Add(read);
        }
        if (root.Table(3) is { } properties)
        {
            foreach (FlatTable property in properties.Tables(0)) Add(file, checkpoint.Properties.Ints, property, property.Int64(1));
            foreach (FlatTable property in properties.Tables(1)) Add(file, checkpoint.Properties.Floats, property, property.Single(1));
            foreach (FlatTable property in properties.Tables(2)) Add(file, checkpoint.Properties.Strings, property, property.Text(1) ?? "");
        }
        return checkpoint;
    }

    private static OptimizerGroup ReadGroup(FlatBuffer file, FlatTable table)
    {
        var group = new OptimizerGroup(Name(file, table)) { Step = table.Int64(1), InitialLearningRate = table.Single(2) };
        foreach (FlatTable state in table.Tables(3))
        {
            OrderedDictionary<string, Tensor> momentums = [];
            ReadTensors(file, state.Tables(1), momentums, isNominal: false);
            Add(file, group.Momentums, state, momentums);
        }
        return group;
    }

    private static void ReadTensors(FlatBuffer file, IEnumerable<FlatTable> tables, OrderedDictionary<string, Tensor> into, bool isNominal)
    {
        foreach (FlatTable table in tables) Add(file, into, table, ReadTensor(file, table, isNominal));
    }

    private static Tensor ReadTensor(FlatBuffer file, FlatTable table, bool isNominal)
    {
        var type = (ElementType)table.Int32(3);
        if (type is ElementType.Undefined or ElementType.String || !Enum.IsDefined(type))
            throw file.Damaged($"the tensor '{Name(file, table)}' has element type {(int)type}");
        long[] dims = table.Int64s(2, MostDims) ?? throw file.Damaged($"the tensor '{Name(file, table)}' has no dimensions");
        ReadOnlyMemory<byte> data = table.Bytes(4) ?? ReadOnlyMemory<byte>.Empty;
        if (isNominal && data.IsEmpty) return new(type, [0], data);
        if (ByteCount(dims, type.SizeOf()) != data.Length)
            throw file.Damaged($"the tensor '{Name(file, table)}', {type}[{string.Join(",", dims)}], has {data.Length} bytes");
        return new(type, dims, data);
    }

    /// <summary>What a tensor takes; null where no file could hold it.</summary>
    public static long? ByteCount(long[] dims, int elementSize)
    {
        long count = elementSize;
        foreach (long dim in dims)
        {
            if (dim < 0 || dim > int.MaxValue || count * dim > int.MaxValue) return null;
            count *= dim;
        }
        return count;
    }

    private static string Name(FlatBuffer file, FlatTable table) => table.Text(0) ?? throw file.Damaged("a name is missing");

    private static void Add<T>(FlatBuffer file, OrderedDictionary<string, T> into, FlatTable table, T value)
    {
        string name = Name(file, table);
        if (!into.TryAdd(name, value)) throw file.Damaged($"the name '{name}' occurs twice");
    }
}
