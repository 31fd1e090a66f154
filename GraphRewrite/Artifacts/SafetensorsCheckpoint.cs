using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Artifacts;

/// <summary>
/// <see cref="Checkpoint"/> ↔ one file of safetensors (github.com/huggingface/safetensors), for what is beyond the 2 GiB of ONNX Runtime Training's
/// format: 8 bytes with the length of a JSON header, the header, and the tensors one after the other. They are called <c>trainable/P</c>,
/// <c>frozen/P</c> and <c>state/G/M/P</c> (moment M of parameter P in group number G); all else is in the header's metadata.
/// </summary>
internal static class SafetensorsCheckpoint
{
    private const int LengthBytes = 8, Alignment = 8, MostHeaderBytes = 100_000_000; // the format's own limit

    private const string Metadata = "__metadata__", MetadataKey = "checkpoint";

    private static readonly (string Dtype, ElementType Type)[] Types =
    [
        ("F64", ElementType.Double), ("F32", ElementType.Float), ("F16", ElementType.Float16), ("BF16", ElementType.BFloat16),
        ("I64", ElementType.Int64), ("I32", ElementType.Int32), ("I16", ElementType.Int16), ("I8", ElementType.Int8),
        ("U64", ElementType.UInt64), ("U32", ElementType.UInt32), ("U16", ElementType.UInt16), ("U8", ElementType.UInt8),
        ("BOOL", ElementType.Bool),
    ];

    /// <summary>Whether a file is of this format, by its first 9 bytes.</summary>
    public static bool IsOne(ReadOnlySpan<byte> beginning) => beginning.Length > LengthBytes && beginning[LengthBytes] == (byte)'{'
        && BinaryPrimitives.ReadUInt64LittleEndian(beginning) is > 1 and <= MostHeaderBytes;

    public static void Write(Checkpoint checkpoint, Stream stream)
    {
        (string Name, Tensor Tensor)[] tensors = [.. Named(checkpoint)];
        byte[] header = Header(checkpoint, tensors);
        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, Tensor tensor) in tensors) stream.Write(tensor.Data.Span);
    }

    /// <param name="stream">At its begin; it must be able to tell its length.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="GraphRewriteException">The file is damaged, or no checkpoint.</exception>
    public static Checkpoint Read(Stream stream, string path)
    {
        try
        {
            return Read(stream, reason => Damaged(path, reason));
        }
        catch (Exception e) when (e is JsonException or EndOfStreamException or InvalidOperationException)
        {
            throw Damaged(path, e.Message.Split('\n')[0]);
        }
    }

    private static Checkpoint Read(Stream stream, Func<string, GraphRewriteException> damaged)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        stream.ReadExactly(length);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > MostHeaderBytes || (long)headerLength > stream.Length - LengthBytes) throw damaged($"its header has {headerLength} bytes");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        using var json = JsonDocument.Parse(header);
        if (!json.RootElement.TryGetProperty(Metadata, out JsonElement metadata) || !metadata.TryGetProperty(MetadataKey, out JsonElement kept))
            throw damaged("its metadata says nothing of a checkpoint");
        Rest rest = JsonSerializer.Deserialize(kept.GetString() ?? "", RestJson.Default.Rest) ?? throw damaged("its metadata is empty");
        if (rest.Version is < 1 or > Checkpoint.CurrentVersion) throw damaged($"it has version {rest.Version}");

        var checkpoint = new Checkpoint { Version = rest.Version, IsNominal = rest.IsNominal };
        foreach (Group group in rest.Groups)
            checkpoint.OptimizerGroups.Add(new(group.Name) { Step = group.Step, InitialLearningRate = group.LearningRate });
        foreach ((string name, long value) in rest.Ints) checkpoint.Properties.Ints[name] = value;
        foreach ((string name, float value) in rest.Floats) checkpoint.Properties.Floats[name] = value;
        foreach ((string name, string value) in rest.Strings) checkpoint.Properties.Strings[name] = value;
        long at = 0, available = stream.Length - stream.Position;
        foreach (JsonProperty entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != Metadata))
        {
            Tensor tensor = ReadTensor(stream, entry, ref at, available, damaged);
            (OrderedDictionary<string, Tensor>? into, string name) = PlaceOf(checkpoint, entry.Name);
            if (into is null) throw damaged($"'{entry.Name}' has no place in a checkpoint");
            if (!into.TryAdd(name, tensor)) throw damaged($"'{entry.Name}' occurs twice");
        }
        return at == available ? checkpoint : throw damaged($"{available - at} bytes at its end belong to no tensor");
    }

    /// <summary>The tensors lie one behind the other: a small file cannot ask for much memory.</summary>
    private static Tensor ReadTensor(Stream stream, JsonProperty entry, ref long at, long available, Func<string, GraphRewriteException> damaged)
    {
        Entry? read = entry.Value.Deserialize(RestJson.Default.Entry);
        if (read is not { DataOffsets: [long begin, long end] } || begin != at || end < begin || end > available || end - begin > Array.MaxLength)
            throw damaged($"'{entry.Name}' lies at bytes {string.Join(" to ", read?.DataOffsets ?? [])} of {available}, not from {at} on");
        ElementType type = Types.FirstOrDefault(known => known.Dtype == read.Dtype).Type;
        if (type == ElementType.Undefined) throw damaged($"'{entry.Name}' has the type '{read.Dtype}'");
        long[] dims = read.Shape;
        if (dims.Length > CheckpointReader.MostDims || CheckpointReader.ByteCount(dims, type.SizeOf()) != end - begin)
            throw damaged($"'{entry.Name}', {read.Dtype}[{string.Join(",", dims)}], has {end - begin} bytes");
        var data = new byte[end - begin];
        stream.ReadExactly(data);
        at = end;
        return new(type, dims, data);
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Named(Checkpoint checkpoint)
    {
        foreach ((string name, Tensor tensor) in checkpoint.Trainable) yield return ($"trainable/{name}", tensor);
        foreach ((string name, Tensor tensor) in checkpoint.Frozen) yield return ($"frozen/{name}", tensor);
        foreach ((int index, OptimizerGroup group) in checkpoint.OptimizerGroups.Index())
        {
            foreach ((string parameter, OrderedDictionary<string, Tensor> moments) in group.Momentums)
                foreach ((string moment, Tensor tensor) in moments) yield return ($"state/{index}/{moment}/{parameter}", tensor);
        }
    }

    private static (OrderedDictionary<string, Tensor>? Into, string Name) PlaceOf(Checkpoint checkpoint, string name)
    {
        if (name.Split('/', 2) is ["trainable", var trainable]) return (checkpoint.Trainable, trainable);
        if (name.Split('/', 2) is ["frozen", var frozen]) return (checkpoint.Frozen, frozen);
        if (name.Split('/', 4) is not ["state", var group, var moment, var parameter] || !int.TryParse(group, out int index)) return (null, "");
        if (index < 0 || index >= checkpoint.OptimizerGroups.Count) return (null, "");
        OrderedDictionary<string, OrderedDictionary<string, Tensor>> all = checkpoint.OptimizerGroups[index].Momentums;
        if (!all.TryGetValue(parameter, out OrderedDictionary<string, Tensor>? moments)) all[parameter] = moments = [];
        return (moments, moment);
    }

    private static byte[] Header(Checkpoint checkpoint, (string Name, Tensor Tensor)[] tensors)
    {
        var rest = new Rest
        {
            Version = checkpoint.Version,
            IsNominal = checkpoint.IsNominal,
            Groups = [.. checkpoint.OptimizerGroups.Select(group => new Group(group.Name, group.Step, group.InitialLearningRate))],
            Ints = checkpoint.Properties.Ints.ToDictionary(),
            Floats = checkpoint.Properties.Floats.ToDictionary(),
            Strings = checkpoint.Properties.Strings.ToDictionary(),
        };
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(Metadata);
            json.WriteString(MetadataKey, JsonSerializer.Serialize(rest, RestJson.Default.Rest));
            json.WriteEndObject();
            long at = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                string dtype = Types.First(known => known.Type == tensor.Type).Dtype;
                var entry = new Entry { Dtype = dtype, Shape = [.. tensor.Dims], DataOffsets = [at, at += tensor.Data.Length] };
                json.WritePropertyName(name);
                JsonSerializer.Serialize(json, entry, RestJson.Default.Entry);
            }
            json.WriteEndObject();
        }
        while (buffer.Length % Alignment != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static GraphRewriteException Damaged(string path, string reason) =>
        new(new Finding($"the checkpoint is damaged: {string.Concat(reason.Take(200))}", "Copy it again") { Place = new() { File = path } });

    /// <summary>What a checkpoint holds beside tensors.</summary>
    internal sealed class Rest
    {
        public required int Version { get; init; }

        public bool IsNominal { get; init; }

        public required IReadOnlyList<Group> Groups { get; init; }

        public required Dictionary<string, long> Ints { get; init; }

        public required Dictionary<string, float> Floats { get; init; }

        public required Dictionary<string, string> Strings { get; init; }
    }

    internal sealed record Group(string Name, long Step, float LearningRate);

    /// <summary>A tensor in the header: where it lies behind it.</summary>
    internal sealed record Entry
    {
        public required string Dtype { get; init; }

        public required long[] Shape { get; init; }

        public required long[] DataOffsets { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SafetensorsCheckpoint.Rest))]
[JsonSerializable(typeof(SafetensorsCheckpoint.Entry))]
internal sealed partial class RestJson : JsonSerializerContext;
