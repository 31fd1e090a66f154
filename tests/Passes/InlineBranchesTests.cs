using GraphRewrite.IR;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using TrainingHost.Runtime;
using AttributeType = GraphRewrite.Serialization.Protos.AttributeProto.Types.AttributeType;

namespace TrActOnnx.Tests.Passes;

/// <summary>An If whose condition follows from shapes becomes its branch: ONNX Runtime computes the same before and after.</summary>
[TestClass]
public sealed class InlineBranchesTests
{
    /// <summary>Three columns take the branch inside the branch, four its other side, five the other branch.</summary>
    [TestMethod]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void InlinedGraphComputesTheSame(int columns)
    {
        Tensor x = Tensor.Of([2, columns], [.. Enumerable.Range(0, 2 * columns).Select(i => i - 2.5f)]);
        Graph after = Nested(columns);
        InlineBranches.Apply(after);
        RemoveUnusedNodes.Apply(after);

        CollectionAssert.DoesNotContain(after.Nodes.Select(node => node.Op.Type).ToArray(), "If");
        CollectionAssert.AreEqual(Run(Nested(columns), x), Run(after, x));
    }

    [TestMethod]
    public void BranchThatDependsOnDataStays()
    {
        NodeProto cast = Node("Cast", ["largest"], "chooses", Int("to", (long)ElementType.Bool));
        Graph graph = OnnxReader.Read(Model(4, [Node("ReduceMax", ["x"], "largest"), cast], "chooses"), "model").Graph;
        InlineBranches.Apply(graph);
        Assert.ContainsSingle(node => node.Op == "If", graph.Nodes);
    }

    private static double[] Run(Graph graph, Tensor x) =>
        new OrtGraphRunner().Run(new Model(graph), new Dictionary<string, Tensor> { ["x"] = x })["y"].ToDouble();

    /// <summary>y = columns &lt; 5 ? (columns = 3 ? 2 x² : −x²) : x.</summary>
    private static Graph Nested(int columns) =>
        OnnxReader.Read(Model(columns, [.. Comparison("Less", 5, "is_small")], "is_small"), "model").Graph;

    private static ModelProto Model(int columns, NodeProto[] condition, string chooses)
    {
        GraphProto doubled = Branch([Node("Mul", ["square", "two"], "doubled")], "doubled");
        doubled.Initializer.Add(new TensorProto { Name = "two", DataType = (int)ElementType.Float, FloatData = { 2 } });
        GraphProto negated = Branch([Node("Neg", ["square"], "negated")], "negated");
        GraphProto small = Branch(
            [Node("Mul", ["x", "x"], "square"), .. Comparison("Equal", 3, "is_three"), If("is_three", doubled, negated, "chosen")], "chosen");
        var graph = new GraphProto { Name = "model", Input = { Floats("x", 2, columns) }, Output = { Floats("y") } };
        graph.Node.Add([.. condition, If(chooses, small, Branch([Node("Identity", ["x"], "kept")], "kept"), "y")]);
        return new() { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } };
    }

    /// <summary>How the columns of x compare with a number.</summary>
    private static NodeProto[] Comparison(string op, long number, string output) =>
    [
        Node("Shape", ["x"], $"{output}_shape", Int("start", 1)),
        Node("Constant", [], $"{output}_number", new AttributeProto { Name = "value_ints", Type = AttributeType.Ints, Ints = { number } }),
        Node(op, [$"{output}_shape", $"{output}_number"], output),
    ];

    private static GraphProto Branch(NodeProto[] nodes, string output) =>
        new() { Name = $"branch_{output}", Node = { nodes }, Output = { Floats(output) } };

    private static NodeProto If(string condition, GraphProto then, GraphProto otherwise, string output) => Node("If", [condition], output,
        new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = then },
        new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = otherwise });

    private static NodeProto Node(string op, string[] inputs, string output, params AttributeProto[] attributes) =>
        new() { Name = $"make_{output}", OpType = op, Input = { inputs }, Output = { output }, Attribute = { attributes } };

    private static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    private static ValueInfoProto Floats(string name, params long[] dims)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float };
        if (dims.Length > 0)
        {
            tensor.Shape = new();
            tensor.Shape.Dim.Add(dims.Select(dim => new TensorShapeProto.Types.Dimension { DimValue = dim }));
        }
        return new() { Name = name, Type = new() { TensorType = tensor } };
    }
}
