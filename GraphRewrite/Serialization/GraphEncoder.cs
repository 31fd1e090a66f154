using Google.Protobuf;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary><see cref="Graph"/> → GraphProto, subgraphs with it. What is unchanged is written as it was read.</summary>
internal static class GraphEncoder
{
    public static GraphProto Encode(Graph graph)
    {
        GraphProto proto = ((GraphProto?)graph.Origin)?.Clone() ?? new();
        if (proto.Name != graph.Name) proto.Name = graph.Name;
        proto.Node.AddRange(graph.Nodes.Select(EncodeNode));
        proto.Initializer.AddRange(graph.Initializers.Where(value => !IsSparse(value)).Select(EncodeInitializer));
        proto.SparseInitializer.AddRange(graph.Initializers.Where(IsSparse).Select(EncodeSparse));
        proto.Input.AddRange(graph.Inputs.Select(value => EncodeInfo(value, value.Declaration)));
        proto.Output.AddRange(graph.Outputs.Select(value => EncodeInfo(value, value.OutputDeclaration ?? value.Declaration)));
        EncodeValueInfo(graph, proto);
        return proto;
    }

    /// <summary>
    /// The value_info that was read, without values that are gone or of another shape now, and what operators added since read off it; for a graph
    /// that was built, that of all values whose type is known.
    /// </summary>
    private static void EncodeValueInfo(Graph graph, GraphProto proto)
    {
        ValueInfoProto[] read = [.. proto.ValueInfo.Where(
            info => graph.Find(info.Name) is { } value ? StillHolds(info, value) : graph.Reserved.Contains(info.Name))];
        proto.ValueInfo.Clear();
        proto.ValueInfo.AddRange(read);
        HashSet<string> declared = [.. read.Select(info => info.Name)];
        IEnumerable<Node> nodes = graph.Origin is null ? graph.Nodes : graph.Nodes.Where(node => ReadsOwnOutputShape(node.Op));
        proto.ValueInfo.AddRange(nodes.SelectMany(node => node.Outputs).OfType<Value>().Where(IsNew).Select(value => EncodeInfo(value, null)));

        bool IsNew(Value value) =>
            !declared.Contains(value.Name) && value.Shape is not null && value.Type != ElementType.Undefined && !value.IsGraphOutput;
    }

    /// <summary>ONNX Runtime's gradients of pools have no input that tells the shape of X: it must be declared.</summary>
    private static bool ReadsOwnOutputShape(OpId op) => op.Domain == OpId.Onnx && op.Type is "MaxPoolGrad" or "AveragePoolGrad";

    /// <summary>A function's inputs, outputs and attributes never change.</summary>
    public static FunctionProto Encode(Function function)
    {
        FunctionProto proto = ((FunctionProto)function.Origin!).Clone();
        proto.Node.AddRange(function.Body.Nodes.Select(EncodeNode));
        return proto;
    }

    private static NodeProto EncodeNode(Node node)
    {
        if (node.Op.Domain == OpId.TrAct) throw new InvalidOperationException($"{node} must be lowered before the model is written.");
        NodeProto proto = ((NodeProto?)node.Origin)?.Clone() ?? new() { OpType = node.Op.Type };
        if (node.Origin is null && node.Op.Domain.Length > 0) proto.Domain = node.Op.Domain;
        string name = node.WrittenName ?? node.Name;
        if (proto.Name != name) proto.Name = name;
        proto.Input.AddRange(node.Inputs.Select(value => value?.Name ?? ""));
        proto.Output.AddRange(node.Outputs.Select(value => value?.Name ?? ""));
        proto.Attribute.AddRange(node.Attributes.Select(EncodeAttribute));
        return proto;
    }

    private static AttributeProto EncodeAttribute(NodeAttribute attribute)
    {
        if (attribute.Origin is MessageOpaque { Message: AttributeProto source })
            return attribute.Subgraphs.Count == 0 ? source : WithSubgraphs(source, attribute);
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case long number: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, number); break;
            case float number: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, number); break;
            case string text: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(text)); break;
            case Tensor tensor: (proto.Type, proto.T) = (AttributeProto.Types.AttributeType.Tensor, TensorCodec.Encode("", tensor)); break;
            case long[] numbers: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(numbers); break;
            case float[] numbers: proto.Type = AttributeProto.Types.AttributeType.Floats; proto.Floats.AddRange(numbers); break;
            case string[] texts:
                proto.Type = AttributeProto.Types.AttributeType.Strings;
                proto.Strings.AddRange(texts.Select(ByteString.CopyFromUtf8));
                break;
            case Graph graph: (proto.Type, proto.G) = (AttributeProto.Types.AttributeType.Graph, Encode(graph)); break;
            case Graph[] graphs: proto.Type = AttributeProto.Types.AttributeType.Graphs; proto.Graphs.AddRange(graphs.Select(Encode)); break;
            default: throw new InvalidOperationException($"The attribute {attribute} has no message.");
        }
        return proto;
    }

    /// <summary>The attribute as it was read, its graphs as they are now.</summary>
    private static AttributeProto WithSubgraphs(AttributeProto source, NodeAttribute attribute)
    {
        AttributeProto proto = source.Clone();
        proto.Graphs.Clear();
        IEnumerable<GraphProto> graphs = attribute.Subgraphs.Select(Encode);
        if (source.G is not null) proto.G = graphs.First();
        proto.Graphs.AddRange(source.G is null ? graphs : graphs.Skip(1));
        return proto;
    }

    private static TensorProto EncodeInitializer(Value value)
    {
        TensorProto? source = (value.OpaqueInitializer as MessageOpaque)?.Message as TensorProto ?? (TensorProto?)value.InitializerOrigin;
        if (source is null) return TensorCodec.Encode(value.Name, value.Initializer!);
        if (source.Name == value.Name) return source;
        TensorProto renamed = source.Clone();
        renamed.Name = value.Name;
        return renamed;
    }

    private static bool IsSparse(Value value) => value.OpaqueInitializer is MessageOpaque { Message: SparseTensorProto };

    private static SparseTensorProto EncodeSparse(Value value)
    {
        var source = (SparseTensorProto)((MessageOpaque)value.OpaqueInitializer!).Message;
        if (source.Values.Name == value.Name) return source;
        SparseTensorProto renamed = source.Clone();
        renamed.Values.Name = value.Name;
        return renamed;
    }

    /// <summary>The declaration that was read, as long as it still holds; else one made from type and shape.</summary>
    private static ValueInfoProto EncodeInfo(Value value, object? declaration)
    {
        if (declaration is ValueInfoProto source && StillHolds(source, value)) return source;
        if (value.SequenceOf != ElementType.Undefined) return new() { Name = value.Name, Type = SequenceOf(value.SequenceOf) };
        if (value.Type == ElementType.Undefined) return new() { Name = value.Name }; // runtimes infer it; a tensor of type 0 they refuse
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type };
        if (value.Shape is { } shape)
        {
            tensor.Shape = new();
            tensor.Shape.Dim.AddRange(shape.Select(EncodeDim));
        }
        return new() { Name = value.Name, Type = new() { TensorType = tensor } };
    }

    private static TypeProto SequenceOf(ElementType element) =>
        new() { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = (int)element } } } };

    private static bool StillHolds(ValueInfoProto source, Value value)
    {
        if (source.Name != value.Name) return false;
        if (source.Type?.TensorType is not { } tensor) return true;
        if ((ElementType)tensor.ElemType != value.Type) return false;
        return tensor.Shape is null || value.Shape is null
            || (tensor.Shape.Dim.Count == value.Shape.Rank
                && tensor.Shape.Dim.Zip(value.Shape, (declared, dim) => !declared.HasDimValue || declared.DimValue < 0 || dim == declared.DimValue)
                    .All(same => same));
    }

    private static TensorShapeProto.Types.Dimension EncodeDim(Dim dim)
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (dim.IsKnown) proto.DimValue = dim.Value;
        else if (!dim.IsUnknown) proto.DimParam = dim.ToString();
        return proto;
    }
}
