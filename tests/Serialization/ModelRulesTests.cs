using Google.Protobuf;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using static GraphRewrite.Serialization.Protos.AttributeProto.Types;

namespace TrActOnnx.Tests.Serialization;

/// <summary>The door: what ONNX's rules forbid is named, all of it at once, before anything is made of the model.</summary>
[TestClass]
public sealed class ModelRulesTests
{
    /// <summary>One change of a valid model each, and what is said of it.</summary>
    private static readonly (string Says, Action<ModelProto> Break)[] Rows =
    [
        ("it reads 'nowhere', which is made by no node, and is no input or initializer", m => m.Graph.Node[0].Input[0] = "nowhere"),
        ("it reads 'a', which 'make_a' makes only later", m => Swap(m.Graph.Node)),
        ("nodes wait for each other in a circle: 'b' → 'a'", m => m.Graph.Node[0].Input[0] = "b"),
        ("the graph output 'y' is made by no node", m => m.Graph.Output[0].Name = "y"),
        ("the graph input 'x' is declared twice", m => m.Graph.Input.Add(m.Graph.Input[0].Clone())),
        ("a graph input has no name", m => m.Graph.Input.Add(new ValueInfoProto())),
        ("the initializer 'w' is stored twice", m => m.Graph.Initializer.Add(m.Graph.Initializer[0].Clone())),
        ("it makes 'a', which is made, fed or stored already",
            m => m.Graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "a" } })),
        ("it has 3 inputs; 2 expected", m => m.Graph.Node[0].Input.Add("w")),
        ("it has 1 input; 2 expected", m => m.Graph.Node[0].Input.RemoveAt(1)),
        ("its input 1 is left out, which is needed", m => m.Graph.Node[0].Input[1] = ""),
        ("it has 2 outputs; 0 to 1 expected", m => m.Graph.Node[0].Output.Add("more")),
        ("it has no operator", m => m.Graph.Node[0].OpType = ""),
        ("the domain 'tract' is reserved", m => m.Graph.Node[0].Domain = "tract"),
        ("the attribute 'alpha' is given twice", m => m.Graph.Node[1].Attribute.Add(m.Graph.Node[1].Attribute[0].Clone())),
        ("the attribute 'alpha' of type FLOAT holds a INTS", m => m.Graph.Node[1].Attribute[0].Ints.Add(1)),
        ("the attribute 'alpha' is of type INT; FLOAT was expected",
            m => m.Graph.Node[1].Attribute[0] = new() { Name = "alpha", Type = AttributeType.Int, I = 1 }),
        ("the attribute 'beta' has no type", m => m.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "beta", F = 1 })),
        ("the attribute 't' of type TENSOR holds none",
            m => m.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "t", Type = AttributeType.Tensor })),
        ("the attribute 'alpha' refers to 'beta', as only a function's may",
            m => m.Graph.Node[1].Attribute[0] = new() { Name = "alpha", RefAttrName = "beta", Type = AttributeType.Float }),
        ("it lacks its attribute 'to'", m => { m.Graph.Node[1].OpType = "Cast"; m.Graph.Node[1].Attribute.Clear(); }),
        ("the tensor 'w' Float[4,3] has 3 elements; 12 were expected",
            m => { m.Graph.Initializer[0].ClearRawData(); m.Graph.Initializer[0].FloatData.Add([1, 2, 3]); }),
        ("the tensor 'w' Float[4,3] has 2 bytes; 48 were expected", m => m.Graph.Initializer[0].RawData = ByteString.CopyFrom(1, 2)),
        ("the tensor 'w' has the dimensions [4, -3]", m => m.Graph.Initializer[0].Dims[1] = -3),
        ("the tensor 'w' has the dimensions [4611686018427387904, 3]", m => m.Graph.Initializer[0].Dims[0] = 1L << 62),
        ("the tensor 'w' has the element type 0, which ONNX has not", m => m.Graph.Initializer[0].DataType = 0),
        ("'x' is declared with the element type 99", m => m.Graph.Input[0].Type.TensorType.ElemType = 99),
        ("'x' is declared with the extents [9223372036854775807], more than any tensor has",
            m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = long.MaxValue),
        ("the function 'f::F' is there twice", m => m.Functions.Add([Function("F"), Function("F")])),
        ("the domain 'tract' is reserved", m => { m.Functions.Add(Function("F")); m.Functions[0].Domain = "tract"; }),
        ("the function 'F': its output 'o' is made by no node", m => { m.Functions.Add(Function("F")); m.Functions[0].Node.Clear(); }),
        ("its input 1 ('j') is left out, which the function needs", m => Call(m, "G", "x")),
        ("it has 3 inputs; the function takes 2", m => Call(m, "G", "x", "x", "x")),
        ("the operator set 'f' is imported in two versions",
            m => m.OpsetImport.Add([new OperatorSetIdProto { Domain = "f", Version = 1 }, new OperatorSetIdProto { Domain = "f", Version = 2 }])),
        ("it reads 'nowhere', which is made by no node, and is no input or initializer ('then_branch' of 'branch')",
            m => AddBranch(m).Node[0].Input[0] = "nowhere"),
        ("it makes 't', which is made, fed or stored already ('then_branch' of 'branch')",
            m => { GraphProto g = AddBranch(m); g.Node.Add(g.Node[0].Clone()); }),
    ];

    public static IEnumerable<object[]> Faults => Rows.Select((row, i) => new object[] { i, row.Says });

    [TestMethod]
    public void TheModelThatIsBrokenHereIsValid() => Read(Valid());

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public void AFaultIsNamed(int row, string says)
    {
        ModelProto model = Valid();
        Rows[row].Break(model);
        string message = Assert.ThrowsExactly<GraphRewriteException>(() => Read(model)).Message;
        StringAssert.Contains(message, says);
        Assert.DoesNotContain('\n', message);
    }

    [TestMethod]
    public void AllFaultsAreNamedALineEach()
    {
        ModelProto model = Valid();
        for (int i = 0; i < 30; i++)
            model.Graph.Node.Add(new NodeProto { OpType = "Relu", Name = $"bad\n{i}", Input = { "" }, Output = { $"bad{i}" } });
        string[] lines = Assert.ThrowsExactly<GraphRewriteException>(() => Read(model)).Message.Split('\n');
        Assert.HasCount(22, lines);
        StringAssert.StartsWith(lines[0], "m.onnx: 30 offences against ONNX's rules. ");
        Assert.AreEqual(@"  'bad\n0' (Relu, opset 17): its input 0 is left out, which is needed.", lines[1]);
        Assert.AreEqual("  And 10 more.", lines[21]);
    }

    /// <summary>100,000 nodes, each before the one that it reads: the search for a circle needs no deep stack.</summary>
    [TestMethod]
    public void ALongChainInReverseIsNoCircle()
    {
        ModelProto model = new() { Graph = new() { Name = "g", Input = { MessageTests.Tensor("v100000") } } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        for (int i = 0; i < 100_000; i++) model.Graph.Node.Add(new NodeProto { OpType = "Relu", Input = { $"v{i + 1}" }, Output = { $"v{i}" } });
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => Read(model)).Message, "99999 offences against ONNX's rules");
    }

    /// <summary>b = LeakyRelu(x w).</summary>
    private static ModelProto Valid()
    {
        var w = new TensorProto { Name = "w", DataType = (int)ElementType.Float, Dims = { 4, 3 }, RawData = ByteString.CopyFrom(new byte[48]) };
        var leaky = new NodeProto { Name = "make_b", OpType = "LeakyRelu", Input = { "a" }, Output = { "b" } };
        leaky.Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeType.Float, F = 0.5f });
        return new()
        {
            IrVersion = 10,
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Graph = new()
            {
                Name = "g",
                Input = { MessageTests.Tensor("x", ElementType.Float, -1, 4) },
                Output = { MessageTests.Tensor("b", ElementType.Float, -1, 3) },
                Initializer = { w },
                Node = { new NodeProto { Name = "make_a", OpType = "MatMul", Input = { "x", "w" }, Output = { "a" } }, leaky },
            },
        };
    }

    private static FunctionProto Function(string name) => new()
    {
        Name = name,
        Domain = "f",
        Input = { "i", "j" },
        Output = { "o" },
        Node = { new NodeProto { OpType = "Sum", Input = { "i", "j" }, Output = { "o" } } },
        OpsetImport = { new OperatorSetIdProto { Version = 17 } },
    };

    /// <summary>A call of a function that calls another, which needs both inputs.</summary>
    private static void Call(ModelProto model, string name, params string[] inputs)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
        FunctionProto outer = Function(name);
        outer.Node[0].OpType = "F";
        outer.Node[0].Domain = "f";
        model.Functions.Add([outer, Function("F")]);
        model.Graph.Node.Add(new NodeProto { Name = "call", OpType = name, Domain = "f", Input = { inputs }, Output = { "called" } });
    }

    private static GraphProto AddBranch(ModelProto model)
    {
        NodeProto Relu() => new() { OpType = "Relu", Input = { "b" }, Output = { "t" } };
        GraphProto Branch() => new() { Name = "g", Node = { Relu() }, Output = { MessageTests.Tensor("t") } };
        var node = new NodeProto { Name = "branch", OpType = "If", Input = { "c" }, Output = { "z" } };
        node.Attribute.Add([new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = Branch() },
            new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = Branch() }]);
        model.Graph.Input.Add(MessageTests.Tensor("c", ElementType.Bool));
        model.Graph.Node.Add(node);
        return node.Attribute[0].G;
    }

    private static void Swap(Google.Protobuf.Collections.RepeatedField<NodeProto> nodes) => (nodes[0], nodes[1]) = (nodes[1], nodes[0]);

    private static Model Read(ModelProto proto) => OnnxReader.Read(ModelProto.Parser.ParseFrom(proto.ToByteArray()), "m.onnx");
}
