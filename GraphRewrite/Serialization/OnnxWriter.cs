using System.Globalization;
using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Protos;

namespace GraphRewrite.Serialization;

/// <summary>
/// <see cref="Model"/> → file. Files are written aside and renamed; data too large for one message goes to a file beside the model.
/// </summary>
public static class OnnxWriter
{
    /// <summary>protobuf's limit for one message is 2 GiB; above this many bytes of initializers they go to a file beside the model.</summary>
    private const long InlineLimit = 1L << 30;

    /// <summary>Tensors below this many bytes stay inside the model.</summary>
    private const long ExternalThreshold = 1024;

    /// <param name="model">The model.</param>
    /// <param name="path">The file. External data goes to files beside it.</param>
    /// <param name="externalData">Whether to store large initializers in "PATH.data"; null: where one message cannot hold them.</param>
    /// <exception cref="GraphRewriteException">The file cannot be written.</exception>
    public static void Write(Model model, string path, bool? externalData = null)
    {
        ModelProto proto = ModelEncoder.Encode(model);
        bool outside = externalData ?? proto.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length) > InlineLimit;
        using var files = new AtomicFiles(path);
        WriteExternalAsRead(model, path, files);
        if (outside) MoveOutside(proto, path, files);
        files.Write(path, stream => proto.WriteTo(stream));
        files.Commit();
    }

    /// <summary>The model as bytes, for a runtime that loads from memory.</summary>
    public static byte[] ToBytes(Model model) => ModelEncoder.Encode(model).ToByteArray();

    /// <summary>Initializers that were read from external files keep their place in files of the same names beside the new model.</summary>
    private static void WriteExternalAsRead(Model model, string path, AtomicFiles files)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        IEnumerable<IGrouping<string, Value>> byFile = model.Graph.Initializers
            .Where(value => value.InitializerUnchanged && value.InitializerSource is { DataLocation: TensorProto.Types.DataLocation.External })
            .GroupBy(value => ExternalData.Place(value.InitializerSource!).Location);
        foreach (IGrouping<string, Value> file in byFile)
        {
            files.Write(Path.Combine(folder, file.Key), stream =>
            {
                foreach (Value value in file)
                {
                    stream.Position = ExternalData.Place(value.InitializerSource!).Offset;
                    stream.Write(value.Initializer!.Data.Span);
                }
            });
        }
    }

    private static void MoveOutside(ModelProto proto, string path, AtomicFiles files)
    {
        string location = Path.GetFileName(path) + ".data";
        files.Write(path + ".data", stream =>
        {
            for (int i = 0; i < proto.Graph.Initializer.Count; i++)
            {
                TensorProto inline = proto.Graph.Initializer[i];
                if (inline.RawData.Length < ExternalThreshold) continue;
                TensorProto tensor = inline.Clone();
                tensor.DataLocation = TensorProto.Types.DataLocation.External;
                AddEntry(tensor, "location", location);
                AddEntry(tensor, "offset", stream.Position.ToString(CultureInfo.InvariantCulture));
                AddEntry(tensor, "length", tensor.RawData.Length.ToString(CultureInfo.InvariantCulture));
                stream.Write(tensor.RawData.Span);
                tensor.ClearRawData();
                proto.Graph.Initializer[i] = tensor;
            }
        });
    }

    private static void AddEntry(TensorProto tensor, string key, string value) =>
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
}
