using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>
/// <see cref="Model"/> → ModelProto. An unchanged model gives a message equal to the one that was read; the same model always gives the same message.
/// </summary>
internal static class ModelEncoder
{
    public static ModelProto Encode(Model model)
    {
        ModelProto proto = ModelOrigin.Of(model)?.Frame.Clone() ?? new() { ProducerName = model.ProducerName };
        if (proto.IrVersion != model.IrVersion) proto.IrVersion = model.IrVersion;
        EncodeOpsets(proto, model.Graph);
        EncodeMetadata(proto, model);
        proto.Graph = GraphEncoder.Encode(model.Graph);
        proto.Functions.AddRange(model.Functions.Select(GraphEncoder.Encode));
        return proto;
    }

    private static void EncodeOpsets(ModelProto proto, Graph graph)
    {
        static string Domain(OperatorSetIdProto opset) => OpId.FoldDomain(opset.Domain);
        foreach (OperatorSetIdProto opset in proto.OpsetImport.ToArray())
        {
            if (!graph.Opsets.TryGetValue(Domain(opset), out long version)) proto.OpsetImport.Remove(opset);
            else if (opset.Version != version) opset.Version = version;
        }
        foreach ((string domain, long version) in graph.Opsets)
        {
            if (!proto.OpsetImport.Any(opset => Domain(opset) == domain))
                proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
    }

    private static void EncodeMetadata(ModelProto proto, Model model)
    {
        if (MetadataProperties.Decode(proto.MetadataProps).SequenceEqual(model.Metadata)) return;
        proto.MetadataProps.Clear();
        proto.MetadataProps.AddRange(MetadataProperties.Encode(model.Metadata));
    }
}
