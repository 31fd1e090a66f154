using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Protos;

namespace GraphRewrite.Serialization;

/// <summary>
/// <see cref="Model"/> → ModelProto. An unchanged model gives a message equal to the one that was read; the same model always gives the same message.
/// </summary>
internal static class ModelEncoder
{
    public static ModelProto Encode(Model model)
    {
        ModelProto proto = model.Source?.Clone() ?? new() { ProducerName = model.ProducerName };
        if (proto.IrVersion != model.IrVersion) proto.IrVersion = model.IrVersion;
        EncodeOpsets(proto, model.Graph);
        EncodeMetadata(proto, model);
        proto.Graph = EncodeGraph(model.Graph);
        return proto;
    }

    private static void EncodeOpsets(ModelProto proto, Graph graph)
    {
        static string Domain(OperatorSetIdProto opset) => opset.Domain == "ai.onnx" ? OpId.Onnx : opset.Domain;
        foreach (OperatorSetIdProto opset in proto.OpsetImport)
            if (opset.Version != graph.Opsets[Domain(opset)]) opset.Version = graph.Opsets[Domain(opset)];
        foreach ((string domain, long version) in graph.Opsets.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!proto.OpsetImport.Any(opset => Domain(opset) == domain))
                proto.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
    }

    private static void EncodeMetadata(ModelProto proto, Model model)
    {
        if (proto.MetadataProps.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)).SequenceEqual(model.Metadata)) return;
        proto.MetadataProps.Clear();
        proto.MetadataProps.AddRange(model.Metadata.Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }));
    }

    private static GraphProto EncodeGraph(Graph graph)
    {
        GraphProto proto = graph.Source?.Clone() ?? new();
        if (proto.Name != graph.Name) proto.Name = graph.Name;
        proto.Node.AddRange(graph.Nodes.Select(EncodeNode));
        proto.Initializer.AddRange(graph.Initializers.Where(value => value.OpaqueInitializer is not SparseTensorProto).Select(EncodeInitializer));
        proto.SparseInitializer.AddRange(graph.Initializers.Where(value => value.OpaqueInitializer is SparseTensorProto).Select(EncodeSparse));
        proto.Input.AddRange(graph.Inputs.Select(value => EncodeInfo(value, value.Source)));
        proto.Output.AddRange(graph.Outputs.Select(value => EncodeInfo(value, value.OutputSource ?? value.Source)));
        EncodeValueInfo(graph, proto);
        return proto;
    }

    /// <summary>
    /// The value_info that was read, without values that are gone, and what operators added since read off it; for a graph that was built, that of all
    /// values whose type is known.
    /// </summary>
    private static void EncodeValueInfo(Graph graph, GraphProto proto)
    {
        ValueInfoProto[] read = [.. proto.ValueInfo.Where(info => graph.Find(info.Name) is not null || graph.Reserved.Contains(info.Name))];
        proto.ValueInfo.Clear();
        proto.ValueInfo.AddRange(read);
        HashSet<string> declared = [.. read.Select(info => info.Name)];
        IEnumerable<Node> nodes = graph.Source is null ? graph.Nodes : graph.Nodes.Where(node => ReadsOwnOutputShape(node.Op));
        proto.ValueInfo.AddRange(nodes.SelectMany(node => node.Outputs).OfType<Value>()
            .Where(value => !declared.Contains(value.Name) && value.Shape is not null && value.Type != ElementType.Undefined && !value.IsGraphOutput).Select(value => EncodeInfo(value, null)));
    }

    /// <summary>ONNX Runtime's gradients of pools have no input that tells the shape of X: it must be declared.</summary>
    private static bool ReadsOwnOutputShape(OpId op) => op.Domain == OpId.Onnx && op.Type is "MaxPoolGrad" or "AveragePoolGrad";

    private static NodeProto EncodeNode(Node node)
    {
        if (node.Op.Domain == OpId.TrAct) throw new InvalidOperationException($"{node} must be lowered before the model is written.");
        NodeProto proto = node.Source?.Clone() ?? new() { OpType = node.Op.Type };
        if (node.Source is null)
        {
            if (node.Op.Domain.Length > 0) proto.Domain = node.Op.Domain;
            if (node.Name.Length > 0) proto.Name = node.Name;
        }
        proto.Input.AddRange(node.Inputs.Select(value => value?.Name ?? ""));
        proto.Output.AddRange(node.Outputs.Select(value => value?.Name ?? ""));
        proto.Attribute.AddRange(node.Attributes.Select(EncodeAttribute));
        return proto;
    }

    private static AttributeProto EncodeAttribute(NodeAttribute attribute)
    {
        if (attribute.Source is { } source) return source;
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case long number: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case float number: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, number); break;
            case string text: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, NodeAttribute.Utf8(text)); break;
            case Tensor tensor: (proto.Type, proto.T) = (AttributeProto.Types.AttributeType.Tensor, TensorCodec.Encode("", tensor)); break;
            case long[] numbers: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(numbers); break;
            case float[] numbers: proto.Type = AttributeProto.Types.AttributeType.Floats; proto.Floats.AddRange(numbers); break;
            case string[] texts: proto.Type = AttributeProto.Types.AttributeType.Strings; proto.Strings.AddRange(texts.Select(NodeAttribute.Utf8)); break;
            default: throw new InvalidOperationException($"The attribute {attribute} has no message.");
        }
        return proto;
    }

    private static TensorProto EncodeInitializer(Value value)
    {
        TensorProto? source = value.OpaqueInitializer as TensorProto ?? (value.InitializerUnchanged ? value.InitializerSource : null);
        if (source is null) return TensorCodec.Encode(value.Name, value.Initializer!);
        if (source.Name == value.Name) return source;
        TensorProto renamed = source.Clone();
        renamed.Name = value.Name;
        return renamed;
    }

    private static SparseTensorProto EncodeSparse(Value value)
    {
        var source = (SparseTensorProto)value.OpaqueInitializer!;
        if (source.Values.Name == value.Name) return source;
        SparseTensorProto renamed = source.Clone();
        renamed.Values.Name = value.Name;
        return renamed;
    }

    /// <summary>The declaration that was read, as long as it still holds; else one made from type and shape.</summary>
    private static ValueInfoProto EncodeInfo(Value value, ValueInfoProto? source)
    {
        if (source is not null && StillHolds(source, value)) return source;
        if (value.Type == ElementType.Undefined) return new() { Name = value.Name }; // runtimes infer it; a tensor of type 0 they refuse
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type };
        if (value.Shape is { } shape)
        {
            tensor.Shape = new();
            tensor.Shape.Dim.AddRange(shape.Select(EncodeDim));
        }
        return new() { Name = value.Name, Type = new() { TensorType = tensor } };
    }

    private static bool StillHolds(ValueInfoProto source, Value value)
    {
        if (source.Name != value.Name) return false;
        if (source.Type?.TensorType is not { } tensor) return true;
        if ((ElementType)tensor.ElemType != value.Type) return false;
        return tensor.Shape is null || value.Shape is null
            || (tensor.Shape.Dim.Count == value.Shape.Rank
                && tensor.Shape.Dim.Zip(value.Shape).All(pair => !pair.First.HasDimValue || pair.First.DimValue < 0 || pair.Second == pair.First.DimValue));
    }

    private static TensorShapeProto.Types.Dimension EncodeDim(Dim dim)
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (dim.IsKnown) proto.DimValue = dim.Value;
        else if (!dim.IsUnknown) proto.DimParam = dim.ToString();
        return proto;
    }
}
