using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.Serialization.Validation;

namespace GraphRewrite.Serialization;

/// <summary>File → <see cref="Model"/>. What the IR does not model is kept, and written again.</summary>
public static class OnnxReader
{
    /// <summary>Reads a model whole, external data included, in any opset.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="GraphRewriteException">The file is missing, is no ONNX model, or is a graph that breaks ONNX's rules.</exception>
    public static Model Read(string path) => Stage.Reading.During(() => Open(path));

    /// <summary>The opset of ONNX's own operators in the file that a model was read from, which later passes may have raised.</summary>
    /// <returns>Null for a model that was not read.</returns>
    public static long? OpsetAsRead(Model model) =>
        ModelOrigin.Of(model)?.Frame.OpsetImport.FirstOrDefault(opset => OpId.FoldDomain(opset.Domain) == OpId.Onnx)?.Version;

    private static Model Open(string path)
    {
        using System.Diagnostics.Activity? span = Spans.Begin(Spans.Parse)?.SetTag(Spans.PathTag, path);
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            return Read(ModelProto.Parser.ParseFrom(file), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GraphRewriteException(new Finding("no such file") { Place = new() { File = path } }, e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(
                new Finding("not a readable ONNX model", "Is the file truncated?") { Place = new() { File = path }, Detail = e.Message }, e);
        }
    }

    internal static Model Read(ModelProto proto, string path)
    {
        return Stages.In(path, () =>
        {
            ModelRules.Check(proto);
            return Decode(proto, new(path));
        });
    }

    private static Model Decode(ModelProto proto, ExternalData external)
    {
        external.Load(StoredTensors.In(proto).Where(ExternalPlace.IsExternal));
        var decoder = new GraphDecoder(external);
        Graph graph = decoder.Decode(proto.Graph, Opsets(proto.OpsetImport));
        Function[] functions = [.. proto.Functions.Select(function => decoder.Decode(function, Opsets(function.OpsetImport)))];
        var model = new Model(graph)
        {
            IrVersion = proto.IrVersion,
            ProducerName = proto.ProducerName,
            Functions = functions,
            Origin = new ModelOrigin(Frame(proto), external.Contents),
        };
        foreach ((string key, string value) in MetadataProperties.Decode(proto.MetadataProps)) model.Metadata.Add(key, value);
        return model;
    }

    private static Dictionary<string, long> Opsets(IEnumerable<OperatorSetIdProto> imports)
    {
        var opsets = new Dictionary<string, long>();
        foreach (OperatorSetIdProto opset in imports) opsets.TryAdd(OpId.FoldDomain(opset.Domain), opset.Version);
        return opsets;
    }

    /// <summary>The message without what the IR holds.</summary>
    private static ModelProto Frame(ModelProto proto)
    {
        GraphProto graph = proto.Graph;
        FunctionProto[] functions = [.. proto.Functions];
        proto.Graph = null;
        proto.Functions.Clear();
        ModelProto frame = proto.Clone();
        proto.Graph = graph;
        proto.Functions.AddRange(functions);
        return frame;
    }
}
