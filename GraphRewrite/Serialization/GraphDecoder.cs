using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization.Protos;

namespace GraphRewrite.Serialization;

/// <summary>GraphProto → <see cref="Graph"/>, subgraphs and functions with it. The model keeps to <see cref="Validation.ModelRules"/>.</summary>
internal sealed class GraphDecoder(ExternalData external)
{
    /// <summary>A model's own graph: every value is fed, stored or made in it.</summary>
    public Graph Decode(GraphProto proto, IReadOnlyDictionary<string, long> opsets) => Fill(new(proto.Name, opsets), proto);

    /// <summary>A local function.</summary>
    public Function Decode(FunctionProto proto, IReadOnlyDictionary<string, long> opsets)
    {
        var body = new Graph(proto.Name, opsets);
        foreach (string input in proto.Input) body.MarkInput(body.GetOrAddValue(input));
        foreach (NodeProto node in proto.Node) AddNode(body, node);
        foreach (string output in proto.Output) body.MarkOutput(body.GetOrAddValue(output));
        FunctionProto frame = proto.Clone();
        frame.Node.Clear();
        NodeAttribute[] defaults = [.. proto.AttributeProto.Select(attribute => Decode(attribute, body))];
        return new(new(OpId.FoldDomain(proto.Domain), proto.Name), body) { Defaults = defaults, Origin = frame };
    }

    private Graph Fill(Graph graph, GraphProto proto)
    {
        graph.Origin = Frame(proto);
        graph.Metadata = MetadataProperties.Decode(proto.MetadataProps);
        foreach (ValueInfoProto input in proto.Input) graph.MarkInput(Describe(graph.GetOrAddValue(input.Name), input));
        foreach (TensorProto initializer in proto.Initializer) AddInitializer(graph, initializer);
        foreach (SparseTensorProto initializer in proto.SparseInitializer)
        {
            Value value = graph.GetOrAddValue(initializer.Values.Name);
            graph.SetOpaqueInitializer(value, new MessageOpaque(initializer), (ElementType)initializer.Values.DataType, initializer.Dims);
        }
        foreach (NodeProto node in proto.Node) AddNode(graph, node);
        foreach (ValueInfoProto info in proto.ValueInfo)
        {
            if (graph.Find(info.Name) is not { } value) graph.Reserved.Add(info.Name);
            else if (value.Declaration is null) Describe(value, info);
        }
        foreach (ValueInfoProto output in proto.Output) graph.MarkOutput(DescribeOutput(graph, output));
        return graph;
    }

    /// <summary>A subgraph may hand out what it captures.</summary>
    private static Value DescribeOutput(Graph graph, ValueInfoProto output)
    {
        if (graph.Find(output.Name) is not { } value) return graph.GetOrAddValue(output.Name);
        if (!value.IsGraphInput) return Describe(value, output);
        value.OutputDeclaration = output;
        return value;
    }

    /// <summary>The message without what the IR holds.</summary>
    private static GraphProto Frame(GraphProto proto)
    {
        var frame = new GraphProto(proto);
        frame.Node.Clear();
        frame.Initializer.Clear();
        frame.SparseInitializer.Clear();
        frame.Input.Clear();
        frame.Output.Clear();
        return frame;
    }

    private void AddInitializer(Graph graph, TensorProto proto)
    {
        Value value = graph.GetOrAddValue(proto.Name);
        if (TensorCodec.Decode(proto, external) is { } tensor)
        {
            graph.SetInitializer(value, tensor);
            value.RememberOrigin(proto);
            ReadMetadata(value);
        }
        else
        {
            graph.SetOpaqueInitializer(value, new MessageOpaque(proto), (ElementType)proto.DataType, proto.Dims);
        }
    }

    private void AddNode(Graph graph, NodeProto proto)
    {
        var op = new OpId(OpId.FoldDomain(proto.Domain), proto.OpType);
        Node node = graph.AddNode(op, proto.Name, proto.Input.Select(name => name.Length == 0 ? null : graph.GetOrAddValue(name)));
        if (node.Name != proto.Name) node.WrittenName = proto.Name;
        node.Metadata = MetadataProperties.Decode(proto.MetadataProps);
        node.Origin = Frame(proto);
        foreach (AttributeProto attribute in proto.Attribute) node.Add(Decode(attribute, graph));
        node.CaptureBySubgraphs();
        node.SetOutputs(proto.Output);
    }

    private static NodeProto Frame(NodeProto proto)
    {
        var frame = new NodeProto(proto);
        frame.Input.Clear();
        frame.Output.Clear();
        frame.Attribute.Clear();
        return frame;
    }

    private NodeAttribute Decode(AttributeProto proto, Graph graph) =>
        new(proto.Name, Value(proto, graph), new MessageOpaque(proto), proto.HasRefAttrName ? proto.RefAttrName : null);

    private object? Value(AttributeProto proto, Graph graph) => proto.Type switch
    {
        _ when proto.G is { } single && proto.Graphs.Count == 0 => Subgraph(single, graph),
        _ when proto.G is { } first => (Graph[])[Subgraph(first, graph), .. proto.Graphs.Select(more => Subgraph(more, graph))],
        _ when proto.Graphs.Count > 0 => (Graph[])[.. proto.Graphs.Select(inner => Subgraph(inner, graph))],
        _ when proto.HasRefAttrName => null,
        AttributeProto.Types.AttributeType.Float => proto.F,
        AttributeProto.Types.AttributeType.Int => proto.I,
        AttributeProto.Types.AttributeType.String => proto.S.ToStringUtf8(),
        AttributeProto.Types.AttributeType.Tensor => TensorCodec.Decode(proto.T, external),
        AttributeProto.Types.AttributeType.Floats => proto.Floats.ToArray(),
        AttributeProto.Types.AttributeType.Ints => proto.Ints.ToArray(),
        AttributeProto.Types.AttributeType.Strings => proto.Strings.Select(s => s.ToStringUtf8()).ToArray(),
        _ => null,
    };

    private Graph Subgraph(GraphProto proto, Graph outer) => Fill(new(proto.Name, outer), proto);

    /// <summary>Of its declaration first, then of its initializer.</summary>
    private static void ReadMetadata(Value value)
    {
        IEnumerable<StringStringEntryProto> declared = (value.Declaration as ValueInfoProto)?.MetadataProps ?? [];
        value.Metadata = MetadataProperties.Decode(declared, (value.InitializerOrigin as TensorProto)?.MetadataProps ?? []);
    }

    private static Value Describe(Value value, ValueInfoProto info)
    {
        value.Declaration = info;
        value.DeclaredType = info.Type;
        ReadMetadata(value);
        if (info.Type?.SequenceType?.ElemType?.TensorType is { } element) value.SequenceOf = (ElementType)element.ElemType;
        if (info.Type?.TensorType is not { } tensor) return value;
        value.Type = (ElementType)tensor.ElemType;
        if (tensor.Shape is { } shape) value.Shape = new([.. shape.Dim.Select(Decode)]);
        return value;
    }

    private static Dim Decode(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => dim.DimValue < 0 ? Dim.Unknown : dim.DimValue,
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dim.DimParam.Length > 0 => Dim.Symbol(dim.DimParam),
        _ => Dim.Unknown,
    };
}
