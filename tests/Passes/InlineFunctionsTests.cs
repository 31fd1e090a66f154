using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using TrainingHost.Runtime;
using AttributeType = GraphRewrite.Serialization.Protos.AttributeProto.Types.AttributeType;

namespace TrActOnnx.Tests.Passes;

/// <summary>A model with local functions and the same model inlined: ONNX Runtime, which inlines functions itself, computes the same.</summary>
[TestClass]
public sealed class InlineFunctionsTests
{
    private static readonly Tensor X = Tensor.Of([2, 3], [-2f, -1f, -0.5f, 0.5f, 1f, 2f]);

    /// <summary>A call's attribute, a default where the call leaves it out, a function in a function, a branch in a function.</summary>
    [TestMethod]
    [DataRow(0.5f)]
    [DataRow(null)]
    public void InlinedModelComputesTheSame(float? alpha)
    {
        Model model = Read(alpha);
        Model inlined = InlineFunctions.Of(model);

        Assert.IsEmpty(inlined.Functions);
        Assert.IsFalse(inlined.Graph.Nodes.Any(node => node.Op.Domain == "mine"));
        Assert.Contains("twice/outer/leak", inlined.Graph.Nodes.Select(node => node.Name));
        CollectionAssert.AreEqual(Run(model), Run(inlined));
    }

    [TestMethod]
    public void TheModelThatIsGivenStaysAsItIs()
    {
        Model model = Read(0.5f);
        byte[] before = OnnxWriter.ToBytes(model);
        InlineFunctions.Of(model);
        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(model));
    }

    [TestMethod]
    public void FunctionsThatCallEachOtherInACircleAreRefused()
    {
        ModelProto proto = Proto(0.5f);
        proto.Functions.Single(function => function.Name == "Leak").Node.Add(Node("Twice", "again", ["x"], "unused", "mine"));
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => OnnxReader.Read(proto, "circle.onnx")).Message, "in a circle");
    }

    [TestMethod]
    public void WhatAFunctionUsesAndNobodyMakesIsNamed()
    {
        ModelProto proto = Proto(0.5f);
        proto.Functions.Single(function => function.Name == "Leak").Node[0].Input[0] = "nowhere";
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => OnnxReader.Read(proto, "missing.onnx")).Message, "nowhere");
    }

    private static double[] Run(Model model) => new OrtGraphRunner().Run(model, new Dictionary<string, Tensor> { ["x"] = X })["y"].ToDouble();

    private static Model Read(float? alpha) => OnnxReader.Read(Proto(alpha), "functions.onnx");

    /// <summary>y = Twice(x), Twice(x) = Leak(Leak(x)) + (always ? x : −x), Leak(x) = LeakyRelu(x; alpha).</summary>
    private static ModelProto Proto(float? alpha)
    {
        NodeProto call = Node("Twice", "twice", ["x"], "y", "mine");
        if (alpha is { } given) call.Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeType.Float, F = given });
        return new()
        {
            IrVersion = 10,
            OpsetImport = { new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "mine", Version = 1 } },
            Graph = new() { Name = "model", Input = { Floats("x") }, Output = { Floats("y") }, Node = { call } },
            Functions = { Twice(), Leak() },
        };
    }

    private static FunctionProto Twice()
    {
        NodeProto always = Node("Constant", "always", [], "condition");
        always.Attribute.Add(new AttributeProto
        {
            Name = "value",
            Type = AttributeType.Tensor,
            T = new() { DataType = (int)ElementType.Bool, Int32Data = { 1 } },
        });
        NodeProto chosen = Node("If", "choose", ["condition"], "branch");
        chosen.Attribute.Add(Branch("then_branch", Node("Identity", "keep", ["x"], "kept"), "kept"));
        chosen.Attribute.Add(Branch("else_branch", Node("Neg", "negate", ["x"], "negated"), "negated"));
        NodeProto inner = Passed(Node("Leak", "inner", ["x"], "once", "mine")), outer = Passed(Node("Leak", "outer", ["once"], "leaked", "mine"));
        return Function("Twice", inner, outer, always, chosen, Node("Add", "sum", ["leaked", "branch"], "z"));
    }

    private static FunctionProto Leak() => Function("Leak", Passed(Node("LeakyRelu", "leak", ["x"], "z")));

    private static FunctionProto Function(string name, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = "mine", Input = { "x" }, Output = { "z" }, Node = { nodes } };
        function.AttributeProto.Add(new AttributeProto { Name = "alpha", Type = AttributeType.Float, F = 0.125f });
        function.OpsetImport.Add([new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "mine", Version = 1 }]);
        return function;
    }

    /// <summary>The attribute alpha of the function's call, handed on.</summary>
    private static NodeProto Passed(NodeProto node)
    {
        node.Attribute.Add(new AttributeProto { Name = "alpha", RefAttrName = "alpha", Type = AttributeType.Float });
        return node;
    }

    private static AttributeProto Branch(string name, NodeProto node, string output) =>
        new() { Name = name, Type = AttributeType.Graph, G = new() { Name = name, Node = { node }, Output = { Floats(output) } } };

    private static NodeProto Node(string op, string name, string[] inputs, string output, string domain = "") =>
        new() { Name = name, OpType = op, Domain = domain, Input = { inputs }, Output = { output } };

    private static ValueInfoProto Floats(string name)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float, Shape = new() };
        tensor.Shape.Dim.Add([new TensorShapeProto.Types.Dimension { DimValue = 2 }, new TensorShapeProto.Types.Dimension { DimValue = 3 }]);
        return new() { Name = name, Type = new() { TensorType = tensor } };
    }
}
