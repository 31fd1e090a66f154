using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using static GraphRewrite.Serialization.Protos.AttributeProto.Types;

namespace TrActOnnx.Tests.Serialization;

/// <summary>What the graph does not model survives: reading and writing gives an equal message.</summary>
[TestClass]
public sealed class MessageTests
{
    [TestMethod]
    public void EverythingTheGraphDoesNotModelSurvives()
    {
        ModelProto before = Rich();
        CollectionAssert.AreEqual(before.ToByteArray(), ModelEncoder.Encode(Reread(before)).ToByteArray());
    }

    [TestMethod]
    public void UnknownFieldsSurviveAtEveryLevel()
    {
        ModelProto before = Rich();
        // Field 1000, a varint, appended to each message: what a later version of the format may add.
        byte[] unknown = [0xC0, 0x3E, 0x07];
        NodeProto node = NodeProto.Parser.ParseFrom([.. before.Graph.Node[0].ToByteArray(), .. unknown]);
        before.Graph.Node[0] = node;
        before.Graph.Initializer[0] = TensorProto.Parser.ParseFrom([.. before.Graph.Initializer[0].ToByteArray(), .. unknown]);
        before.Graph.Input[0] = ValueInfoProto.Parser.ParseFrom([.. before.Graph.Input[0].ToByteArray(), .. unknown]);
        before.MetadataProps[0] = StringStringEntryProto.Parser.ParseFrom([.. before.MetadataProps[0].ToByteArray(), .. unknown]);
        before.Graph = GraphProto.Parser.ParseFrom([.. before.Graph.ToByteArray(), .. unknown]);
        before = ModelProto.Parser.ParseFrom([.. before.ToByteArray(), .. unknown]);

        byte[] after = ModelEncoder.Encode(Reread(before)).ToByteArray();
        CollectionAssert.AreEqual(before.ToByteArray(), after);
        Assert.AreEqual(6, Occurrences(after, unknown));
    }

    [TestMethod]
    public void AbsentOptionalFieldsStayAbsent()
    {
        ModelProto before = new() { Graph = new() { Output = { Tensor("x") }, Input = { Tensor("x") } }, OpsetImport = { new OperatorSetIdProto() } };
        CollectionAssert.AreEqual(before.ToByteArray(), ModelEncoder.Encode(Reread(before)).ToByteArray());
    }

    [TestMethod]
    public void NodesOfOneNameKeepIt()
    {
        ModelProto before = Rich();
        before.Graph.Node[1].Name = before.Graph.Node[0].Name;
        Model model = Reread(before);
        Assert.AreEqual(before, ModelEncoder.Encode(model));
        Assert.HasCount(model.Graph.Nodes.Count, model.Graph.Nodes.Select(node => node.Name).Distinct().ToArray());
    }

    [TestMethod]
    public void InputThatIsAnOutputKeepsBothDeclarations()
    {
        ModelProto before = Rich();
        ValueInfoProto output = before.Graph.Input[0].Clone();
        output.DocString = "handed on";
        before.Graph.Output.Add(output);
        Assert.AreEqual(before, ModelEncoder.Encode(Reread(before)));
    }

    [TestMethod]
    public void MetadataInAnyOrderWithRepeatedKeysStays()
    {
        ModelProto before = Rich();
        before.MetadataProps.Add(new StringStringEntryProto { Key = "author", Value = "again" });
        Assert.AreEqual(before, ModelEncoder.Encode(Reread(before)));
    }

    [TestMethod]
    public void MetadataThatIsSetIsTheOnlyChange()
    {
        ModelProto before = Rich();
        Model model = Reread(before);
        model.SetMetadata("author", "another");
        ModelProto after = ModelEncoder.Encode(model);
        Assert.AreEqual("another", after.MetadataProps.Single().Value);
        before.MetadataProps[0].Value = "another";
        Assert.AreEqual(before, after);
    }

    [TestMethod]
    public void SubgraphsUseWhatTheyCapture()
    {
        Graph graph = Reread(Rich()).Graph;
        Node branch = graph.Nodes.Single(node => node.Op == "If");
        // "outer" is captured by the If inside the branch, "x" by both branches; "inner" the branch makes itself.
        CollectionAssert.AreEquivalent(new[] { "outer", "x" }, branch.Captured.Select(value => value.Name).ToArray());
        Assert.IsTrue(graph.Get("outer").Uses.All(use => use.Node == branch && use.Index < 0));
    }

    [TestMethod]
    public void RemovalKeepsWhatASubgraphCaptures()
    {
        Graph graph = Reread(Rich()).Graph;
        RemoveUnusedNodes.Apply(graph);
        Assert.IsNotNull(graph.Find("outer")?.Producer);
        graph.UnmarkOutput(graph.Get("y"));
        RemoveUnusedNodes.Apply(graph);
        Assert.IsNull(graph.Find("outer"));
        Assert.IsFalse(graph.Nodes.Any(node => node.Op == "If"));
    }

    [TestMethod]
    public void SortPutsCapturedValuesFirst()
    {
        Graph graph = Reread(Rich()).Graph;
        graph.Reorder([.. graph.Nodes.Reverse()]);
        TopologicalSort.Apply(graph);
        List<Node> order = [.. graph.Nodes];
        Assert.IsLessThan(order.FindIndex(node => node.Op == "If"), order.IndexOf(graph.Get("outer").Producer!));
    }

    [TestMethod]
    public void CapturedValuesAreNeitherRenamedNorReplaced()
    {
        Graph graph = Reread(Rich()).Graph;
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => graph.Rename(graph.Get("outer"), "other")).Message,
            "a subgraph captures");
        Value x = graph.Get("x");
        int uses = x.Uses.Count;
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => x.ReplaceAllUsesWith(graph.Get("outer"))).Message,
            "a subgraph captures");
        Assert.HasCount(uses, x.Uses);
    }

    [TestMethod]
    public void NewNamesAvoidThoseInsideSubgraphs() => Assert.AreEqual("inner_1", Reread(Rich()).Graph.NewValue("inner").Name);

    [TestMethod]
    public void SparseInitializersAreInitializers()
    {
        Graph graph = Reread(Rich()).Graph;
        Value sparse = graph.Get("sparse");
        Assert.IsTrue(sparse is { IsInitializer: true, Type: ElementType.Float });
        Assert.AreEqual(Shape.Of(8), sparse.Shape);
    }

    internal static Model Reread(ModelProto proto) => OnnxReader.Read(ModelProto.Parser.ParseFrom(proto.ToByteArray()), "rich.onnx");

    internal static ValueInfoProto Tensor(string name, ElementType type = ElementType.Float, params long[] dims)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new() };
        tensor.Shape.Dim.AddRange(
            dims.Select(dim => dim < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "batch" } : new() { DimValue = dim }));
        return new() { Name = name, Type = new() { TensorType = tensor } };
    }

    /// <summary>y = If(condition, x + outer, x) with what else a model may hold.</summary>
    private static ModelProto Rich()
    {
        GraphProto innermost = new() { Name = "innermost", Node = { Node("Identity", ["outer"], "deep") }, Output = { Tensor("deep") } };
        GraphProto then = new()
        {
            Name = "then",
            Initializer = { Floats("bias", 1) },
            Node = { If("inner_if", "condition2", innermost, innermost, "inner"), Node("Sum", ["x", "inner", "bias"], "then_y") },
            Output = { Tensor("then_y") },
        };
        then.Initializer.Add(new TensorProto { Name = "condition2", DataType = (int)ElementType.Bool, Int32Data = { 1 } });
        GraphProto otherwise = new() { Name = "else", Node = { Node("Identity", ["x"], "else_y") }, Output = { Tensor("else_y") } };
        NodeProto custom = Node("Custom", ["x", "", "sparse", "text", "half", "brain", "nibbles"], "unused");
        custom.Domain = "mine";
        custom.Overload = "variant";
        custom.DocString = "documented";
        custom.MetadataProps.Add(new StringStringEntryProto { Key = "node", Value = "property" });
        TypeProto optional = new() { OptionalType = new() { ElemType = Tensor("").Type } };
        custom.Attribute.Add(new AttributeProto { Name = "t", Type = AttributeType.TypeProto, Tp = optional });
        custom.Attribute.Add(new AttributeProto { Name = "s", Type = AttributeType.SparseTensor, SparseTensor = Sparse("") });
        custom.Attribute.Add(new AttributeProto { Name = "many", Type = AttributeType.Tensors, Tensors = { Floats("", 2), Floats("", 3) } });
        ByteString bytes = ByteString.CopyFrom(0xFF, 0x00, 0x80);
        custom.Attribute.Add(new AttributeProto { Name = "bytes", Type = AttributeType.String, S = bytes, DocString = "no UTF-8" });
        GraphProto graph = new()
        {
            Name = "rich",
            DocString = "a graph",
            Input =
            {
                Tensor("x", ElementType.Float, -1, 8),
                Tensor("condition", ElementType.Bool),
                new ValueInfoProto { Name = "list", DocString = "a sequence",
                    Type = new() { SequenceType = new() { ElemType = Tensor("").Type }, Denotation = "LIST" } },
                new ValueInfoProto { Name = "maybe", Type = new() { OptionalType = new() { ElemType = Tensor("").Type } } },
                new ValueInfoProto { Name = "map",
                    Type = new() { MapType = new() { KeyType = (int)ElementType.Int64, ValueType = Tensor("").Type } } },
            },
            Initializer =
            {
                Floats("one", 1),
                new TensorProto { Name = "text", DataType = (int)ElementType.String, Dims = { 2 },
                    StringData = { ByteString.CopyFromUtf8("ä"), ByteString.Empty } },
                new TensorProto { Name = "half", DataType = (int)ElementType.Float16, Dims = { 3 }, Int32Data = { 0x3C00, 0x7BFF, 0x8001 } },
                new TensorProto { Name = "brain", DataType = (int)ElementType.BFloat16, Dims = { 2 },
                    RawData = ByteString.CopyFrom(0x80, 0x3F, 0, 0), DocString = "doc" },
                new TensorProto { Name = "nibbles", DataType = 22, Dims = { 3 }, Int32Data = { 0x21, 0x03 } }, // INT4
            },
            SparseInitializer = { Sparse("sparse") },
            Node = { Node("Add", ["x", "one"], "outer"), If("if", "condition", then, otherwise, "y"), custom },
            Output = { Tensor("y", ElementType.Float, -1, 8) },
            ValueInfo = { Tensor("outer", ElementType.Float, -1, 8), Tensor("nowhere", ElementType.Int64) },
            QuantizationAnnotation = { new TensorAnnotation { TensorName = "x",
                QuantParameterTensorNames = { new StringStringEntryProto { Key = "SCALE_TENSOR", Value = "one" } } } },
            MetadataProps = { new StringStringEntryProto { Key = "graph", Value = "property" } },
        };
        return new()
        {
            IrVersion = 10,
            ProducerName = "somebody",
            ProducerVersion = "7",
            Domain = "org.example",
            ModelVersion = 3,
            DocString = "a model",
            OpsetImport = { new OperatorSetIdProto { Domain = "mine", Version = 1 }, new OperatorSetIdProto { Domain = "ai.onnx", Version = 17 } },
            Graph = graph,
            MetadataProps = { new StringStringEntryProto { Key = "author", Value = "me" } },
            Functions = { new FunctionProto { Name = "Local", Domain = "mine", Input = { "a" }, Output = { "b" },
                Attribute = { "alpha" }, Node = { Reference() }, OpsetImport = { new OperatorSetIdProto { Version = 17 } } } },
            TrainingInfo = { new TrainingInfoProto { Algorithm = new() { Name = "algorithm" },
                UpdateBinding = { new StringStringEntryProto { Key = "k", Value = "v" } } } },
        };
    }

    private static NodeProto Reference()
    {
        NodeProto node = Node("LeakyRelu", ["a"], "b");
        node.Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "alpha", Type = AttributeType.Float });
        return node;
    }

    private static NodeProto Node(string op, string[] inputs, string output)
    {
        var node = new NodeProto { Name = $"make_{output}", OpType = op, Output = { output } };
        node.Input.AddRange(inputs);
        return node;
    }

    private static NodeProto If(string name, string condition, GraphProto then, GraphProto otherwise, string output)
    {
        NodeProto node = Node("If", [condition], output);
        node.Name = name;
        node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = then });
        node.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = otherwise });
        return node;
    }

    private static TensorProto Floats(string name, float value) =>
        new() { Name = name, DataType = (int)ElementType.Float, Dims = { 1 }, FloatData = { value } };

    private static SparseTensorProto Sparse(string name) => new()
    {
        Dims = { 8 },
        Values = Floats(name, 5),
        Indices = new() { DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 2 } },
    };

    private static int Occurrences(byte[] bytes, byte[] pattern) =>
        Enumerable.Range(0, bytes.Length - pattern.Length + 1).Count(at => bytes.AsSpan(at, pattern.Length).SequenceEqual(pattern));
}
