using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.Serialization.Validation;

namespace GraphRewrite.Serialization;

/// <summary>
/// <see cref="Model"/> → file. Files are written aside and renamed; data too large for one message goes to a file beside the model.
/// </summary>
public static class OnnxWriter
{
    /// <summary>protobuf's limit for one message is 2 GiB; the rest is left for what is neither node nor initializer.</summary>
    internal const long MessageLimit = int.MaxValue - (64L << 20);

    /// <summary>Tensors below this many bytes stay inside the model.</summary>
    private const long ExternalThreshold = 1024;

    /// <summary>Writes a model. Tensors that were read from external files go to the same places of files of the same names beside it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file. External data goes to files beside it.</param>
    /// <param name="externalData">Whether to store all large initializers in "PATH.data"; if not, that is done only where one message cannot hold
    /// them.</param>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public static void Write(Model model, string path, bool externalData = false) => Stage.Writing.During(() =>
    {
        using var files = AtomicFiles.Beside(path);
        WriteInto(files, model, path, externalData);
        files.Commit();
    });

    /// <summary>Writes a model as one of several files that belong together.</summary>
    /// <param name="files">The set, which the caller commits.</param>
    /// <param name="model">The model.</param>
    /// <param name="path">The file. External data goes to files beside it.</param>
    /// <param name="externalData">Whether to store all large initializers in "PATH.data".</param>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public static void WriteInto(AtomicFiles files, Model model, string path, bool externalData = false) =>
        Stage.Writing.During(() => Encode(model, path, files, externalData, MessageLimit));

    private static void Encode(Model model, string path, AtomicFiles files, bool externalData, long messageLimit)
    {
        ModelProto proto = ModelEncoder.Encode(model);
        bool clash = External(proto).Any(tensor => ExternalPlace.Of(tensor).Location == Path.GetFileName(path));
        if (externalData || clash || Size(proto.Graph) > messageLimit)
        {
            proto = Inlined(model, proto);
            MoveOutside(proto, path, files);
            if (Size(proto.Graph) > messageLimit)
            {
                Phrase found = $"the graph is over {messageLimit} bytes even with its initializers in a file beside it";
                throw new GraphRewriteException(new Finding(found, "Store its constants as initializers") { Place = new() { File = path } });
            }
        }
        else
        {
            WriteExternalAsRead(model, proto, path, files);
        }
        files.Write(path, proto.WriteTo);
    }

    /// <summary>The whole model as bytes, for a runtime that loads from memory.</summary>
    /// <exception cref="GraphRewriteException">It is too large for one message.</exception>
    public static byte[] ToBytes(Model model)
    {
        ModelProto proto = Inlined(model, ModelEncoder.Encode(model));
        if (Size(proto.Graph) > MessageLimit)
            throw new GraphRewriteException($"The graph '{model.Graph.Name}' has more than 2 GiB of constants, which no runtime loads from memory.");
        return proto.ToByteArray();
    }

    private static long Size(GraphProto graph) =>
        graph.Initializer.Sum(tensor => (long)tensor.CalculateSize()) + graph.Node.Sum(node => (long)node.CalculateSize());

    private static IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> External(Model model) => ModelOrigin.Of(model)!.External;

    private static IEnumerable<TensorProto> External(ModelProto proto) => StoredTensors.In(proto).Where(ExternalPlace.IsExternal);

    /// <summary>The message with all data inside.</summary>
    private static ModelProto Inlined(Model model, ModelProto proto)
    {
        if (!External(proto).Any()) return proto;
        ModelProto inlined = proto.Clone();
        foreach (TensorProto tensor in External(inlined).ToArray())
        {
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(External(model)[ExternalPlace.Of(tensor)]);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
        return inlined;
    }

    private static void WriteExternalAsRead(Model model, ModelProto proto, string path, AtomicFiles files)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (IGrouping<string, ExternalPlace> file in External(proto).Select(ExternalPlace.Of).Distinct().GroupBy(place => place.Location))
        {
            string target = Path.Combine(folder, file.Key);
            if (files.Holds(target) || HoldsAlready(target, file, External(model))) continue;
            files.Write(target, stream =>
            {
                foreach (ExternalPlace place in file)
                {
                    stream.Position = place.Offset;
                    stream.Write(External(model)[place].Span);
                }
            });
        }
    }

    /// <summary>Whether the file that is there has the same contents at the same places; others may share it, so it stays.</summary>
    private static bool HoldsAlready(
        string file, IEnumerable<ExternalPlace> places, IReadOnlyDictionary<ExternalPlace, ReadOnlyMemory<byte>> contents)
    {
        if (!File.Exists(file)) return false;
        using FileStream stream = File.OpenRead(file);
        var buffer = new byte[1 << 20];
        foreach (ExternalPlace place in places)
        {
            ReadOnlyMemory<byte> expected = contents[place];
            long there = stream.Length - place.Offset;
            if (there < expected.Length || (place.Length is null && there != expected.Length)) return false;
            stream.Position = place.Offset;
            for (int at = 0; at < expected.Length; at += buffer.Length)
            {
                Span<byte> part = buffer.AsSpan(0, Math.Min(buffer.Length, expected.Length - at));
                stream.ReadExactly(part);
                if (!part.SequenceEqual(expected.Span.Slice(at, part.Length))) return false;
            }
        }
        return true;
    }

    private static void MoveOutside(ModelProto proto, string path, AtomicFiles files)
    {
        string location = Path.GetFileName(path) + ".data";
        files.Write(path + ".data", stream =>
        {
            for (int i = 0; i < proto.Graph.Initializer.Count; i++)
            {
                if (proto.Graph.Initializer[i].RawData.Length < ExternalThreshold) continue;
                TensorProto tensor = proto.Graph.Initializer[i].Clone();
                new ExternalPlace(location, stream.Position, tensor.RawData.Length).WriteTo(tensor);
                stream.Write(tensor.RawData.Span);
                tensor.ClearRawData();
                proto.Graph.Initializer[i] = tensor;
            }
        });
    }
}
