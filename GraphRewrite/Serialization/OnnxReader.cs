using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Protos;

namespace GraphRewrite.Serialization;

/// <summary>ModelProto → <see cref="Model"/>. What the graph does not model is kept, and written again.</summary>
public static class OnnxReader
{
    /// <exception cref="GraphRewriteException">The file is missing, is no ONNX model, or is a graph that breaks ONNX's rules.</exception>
    public static Model Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(ModelProto.Parser.ParseFrom(file), path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GraphRewriteException($"{path}: no such file.", e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: not a readable ONNX model ({e.Message.TrimEnd('.')}). Is the file truncated?", e);
        }
    }

    internal static Model Read(ModelProto proto, string path)
    {
        if (proto.Graph is null || proto.OpsetImport.Count == 0)
            throw new GraphRewriteException($"{path}: not an ONNX model: it has no graph or names no operator set.");
        var opsets = new Dictionary<string, long>();
        var external = new ExternalData(path);
        Graph graph;
        try
        {
            foreach (OperatorSetIdProto opset in proto.OpsetImport)
                if (!opsets.TryAdd(Domain(opset.Domain), opset.Version) && opsets[Domain(opset.Domain)] != opset.Version)
                    throw new GraphRewriteException($"the operator set '{opset.Domain}' is imported in two versions.");
            graph = ReadGraph(proto.Graph, opsets, external);
            foreach (TensorProto tensor in StoredTensors.In(proto).Where(ExternalPlace.IsExternal)) external.Read(tensor);
        }
        catch (GraphRewriteException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new GraphRewriteException($"{path}: {e.Message}", e);
        }

        var model = new Model(graph) { IrVersion = proto.IrVersion, ProducerName = proto.ProducerName, Source = Frame(proto), External = external.Contents };
        model.Metadata.AddRange(proto.MetadataProps.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)));
        return model;
    }

    private static Graph ReadGraph(GraphProto proto, Dictionary<string, long> opsets, ExternalData external)
    {
        var graph = new Graph(proto.Name, opsets) { Source = Frame(proto) };
        foreach (ValueInfoProto input in proto.Input)
        {
            if (input.Name.Length == 0) throw new GraphRewriteException("a graph input has no name.");
            if (graph.Find(input.Name) is not null) throw new GraphRewriteException($"the graph input '{input.Name}' is declared twice.");
            graph.MarkInput(Describe(graph.GetOrAddValue(input.Name), input));
        }
        foreach (TensorProto initializer in proto.Initializer) ReadInitializer(graph, initializer, external);
        foreach (SparseTensorProto initializer in proto.SparseInitializer)
            graph.SetOpaqueInitializer(NewInitializer(graph, initializer.Values?.Name ?? ""), initializer, (ElementType)(initializer.Values?.DataType ?? 0), initializer.Dims);
        foreach (NodeProto node in proto.Node) AddNode(graph, node, external);
        foreach (ValueInfoProto info in proto.ValueInfo)
        {
            if (graph.Find(info.Name) is not { } value) graph.Reserved.Add(info.Name);
            else if (value.Source is null) Describe(value, info);
        }
        foreach (ValueInfoProto output in proto.Output)
        {
            Value value = graph.Find(output.Name) ?? throw new GraphRewriteException($"the graph output '{output.Name}' is made by no node.");
            if (value.IsGraphInput) value.OutputSource = output;
            else Describe(value, output);
            graph.MarkOutput(value);
        }
        foreach (Value value in graph.Values)
        {
            if (value is { Producer: null, IsGraphInput: false, IsInitializer: false })
                throw new GraphRewriteException($"the value '{value.Name}' is used but made by no node, and is no input or initializer.");
        }
        return graph;
    }

    /// <summary>The message without what the IR holds.</summary>
    private static ModelProto Frame(ModelProto proto)
    {
        GraphProto graph = proto.Graph;
        proto.Graph = null;
        ModelProto frame = proto.Clone();
        proto.Graph = graph;
        return frame;
    }

    private static GraphProto Frame(GraphProto proto)
    {
        GraphProto frame = proto.Clone();
        frame.Node.Clear();
        frame.Initializer.Clear();
        frame.SparseInitializer.Clear();
        frame.Input.Clear();
        frame.Output.Clear();
        return frame;
    }

    private static void ReadInitializer(Graph graph, TensorProto proto, ExternalData external)
    {
        Value value = NewInitializer(graph, proto.Name);
        if (TensorCodec.Decode(proto, external) is { } tensor)
        {
            graph.SetInitializer(value, tensor);
            value.RememberSource(proto);
        }
        else
        {
            graph.SetOpaqueInitializer(value, proto, (ElementType)proto.DataType, proto.Dims);
        }
    }

    private static Value NewInitializer(Graph graph, string name)
    {
        if (name.Length == 0) throw new GraphRewriteException("an initializer has no name.");
        Value value = graph.GetOrAddValue(name);
        return value.IsInitializer ? throw new GraphRewriteException($"the initializer '{name}' is stored twice.") : value;
    }

    /// <summary>A node of a message in a graph, at the end or before another node.</summary>
    internal static void AddNode(Graph graph, NodeProto proto, ExternalData external, Node? before = null)
    {
        var op = new OpId(Domain(proto.Domain), proto.OpType);
        Node node = graph.AddNode(op, proto.Name, proto.Input.Select(name => name.Length == 0 ? null : graph.GetOrAddValue(name)), before);
        node.Source = Bare(proto);
        foreach (AttributeProto attribute in proto.Attribute) node.Add(Decode(attribute, external));
        GraphProto[] subgraphs = [.. node.Attributes.SelectMany(a => a.Subgraphs)];
        foreach (GraphProto subgraph in subgraphs) graph.Reserved.UnionWith(Made(subgraph));
        node.Captured = [.. subgraphs.SelectMany(Captures).Distinct().Select(graph.GetOrAddValue)];
        for (int i = 0; i < node.Captured.Count; i++) node.Captured[i].AddUse(node, -1 - i);
        for (int i = 0; i < proto.Output.Count; i++)
        {
            if (proto.Output[i].Length == 0)
            {
                node.SetOutput(i, null);
                continue;
            }
            Value output = graph.GetOrAddValue(proto.Output[i]);
            if (output.Producer is not null || output.IsGraphInput || output.IsInitializer)
                throw new GraphRewriteException($"the value '{output.Name}' is made twice, the second time by node {node}.");
            node.SetOutput(i, output);
        }
    }

    private static NodeProto Bare(NodeProto proto)
    {
        NodeProto bare = proto.Clone();
        bare.Input.Clear();
        bare.Output.Clear();
        bare.Attribute.Clear();
        return bare;
    }

    private static NodeAttribute Decode(AttributeProto proto, ExternalData external) => new(proto, proto.Type switch
    {
        _ when proto.HasRefAttrName => null,
        AttributeProto.Types.AttributeType.Float => proto.F,
        AttributeProto.Types.AttributeType.Int => proto.I,
        AttributeProto.Types.AttributeType.String => proto.S.ToStringUtf8(),
        AttributeProto.Types.AttributeType.Tensor => TensorCodec.Decode(proto.T, external),
        AttributeProto.Types.AttributeType.Floats => proto.Floats.ToArray(),
        AttributeProto.Types.AttributeType.Ints => proto.Ints.ToArray(),
        AttributeProto.Types.AttributeType.Strings => proto.Strings.Select(s => s.ToStringUtf8()).ToArray(),
        _ => null,
    });

    /// <summary>The names that a subgraph uses but does not make.</summary>
    private static IEnumerable<string> Captures(GraphProto graph)
    {
        HashSet<string> made = [.. Made(graph)];
        IEnumerable<string> used = graph.Node.SelectMany(node => node.Input.Concat(Subgraphs(node).SelectMany(Captures)));
        return used.Concat(graph.Output.Select(o => o.Name)).Where(name => name.Length > 0 && !made.Contains(name));
    }

    /// <summary>The names that a subgraph makes.</summary>
    private static IEnumerable<string> Made(GraphProto graph) =>
        graph.Input.Select(input => input.Name)
            .Concat(graph.Initializer.Select(initializer => initializer.Name))
            .Concat(graph.SparseInitializer.Select(initializer => initializer.Values?.Name ?? ""))
            .Concat(graph.Node.SelectMany(node => node.Output));

    private static IEnumerable<GraphProto> Subgraphs(NodeProto node) => node.Attribute.SelectMany(attribute => new NodeAttribute(attribute, null).Subgraphs);

    private static Value Describe(Value value, ValueInfoProto info)
    {
        value.Source = info;
        if (info.Type?.TensorType is not { } tensor) return value;
        value.Type = (ElementType)tensor.ElemType;
        if (tensor.Shape is { } shape) value.Shape = new([.. shape.Dim.Select(ReadDim)]);
        return value;
    }

    private static Dim ReadDim(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => dim.DimValue < 0 ? Dim.Unknown : dim.DimValue,
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dim.DimParam.Length > 0 => Dim.Symbol(dim.DimParam),
        _ => Dim.Unknown,
    };

    private static string Domain(string domain) => domain == "ai.onnx" ? OpId.Onnx : domain;
}
