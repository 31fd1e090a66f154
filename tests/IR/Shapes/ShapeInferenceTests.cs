using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;

namespace TrActOnnx.Tests.IR.Shapes;

[TestClass]
public sealed class ShapeInferenceTests
{
    private static readonly Dim Batch = Dim.Symbol("batch");

    [TestMethod]
    public void ShapeArithmeticReachesReshapeAndExpand()
    {
        Graph graph = NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 64, 8, 8));
        Value token = graph.AddInput("token", ElementType.Float, Shape.Of(1, 1, 64));
        using OpBuilder op = graph.BuildAtEnd("t");
        Value batch = op.Gather(op.Shape(x), op.Constant(Tensor.Scalar(0L)));
        Value target = op.Concat(0, op.Unsqueeze(batch, 0), op.Ints(64), op.Ints(-1));
        // What torch.onnx writes for Tensor.expand: −1 means the extent of the token itself.
        Value wanted = op.Concat(0, op.Unsqueeze(batch, 0), op.Ints(-1, -1));
        Value ones = op.Op("ConstantOfShape", [op.Ints(3)], ("value", Tensor.Vector(1L)));
        Value expanded = op.Expand(token, op.Where(op.Op("Equal", [wanted, ones * op.Constant(Tensor.Scalar(-1L))]), ones, wanted));
        Value rows = op.Reshape(x, op.Concat(0, op.Unsqueeze(batch * op.Constant(Tensor.Scalar(64L)), 0), op.Ints(64)));

        Assert.AreEqual(Shape.Of(Batch, 64, 64), op.Reshape(x, target).Shape);
        Assert.AreEqual(Shape.Of(Batch, 1, 64), expanded.Shape);
        Assert.AreEqual(Shape.Of(Batch * 64, 64), rows.Shape);
    }

    [TestMethod]
    public void ReshapeTakesQuotientsOfSymbols()
    {
        Graph graph = NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 65, 64));
        Value open = graph.AddInput("open", ElementType.Float, Shape.Of(Dim.Unknown, 6, 4));
        using OpBuilder op = graph.BuildAtEnd("t");

        Assert.AreEqual(Shape.Of(Batch * 65, 64), op.Reshape(x, -1, 64).Shape);
        Assert.AreEqual(Shape.Of(Batch, 65 * 64), op.Reshape(x, 0, -1).Shape);
        Assert.AreEqual(Shape.Of(Batch, 65, 4, 16), op.Reshape(op.Reshape(x, -1, 64), -1, 65, 4, 16).Shape);
        Assert.AreEqual(Shape.Of(Dim.Unknown, 24), op.Reshape(open, 0, -1).Shape);
        Assert.AreEqual(Shape.Of(Batch * 2, 65, 64), op.Concat(0, x, x).Shape);
        Assert.AreEqual(Shape.Of(Batch, 65, 64), op.Slice(x, [0], [0], [long.MaxValue]).Shape);
        Assert.AreEqual(Shape.Of(Dim.Unknown, 65, 64), op.Slice(x, [0], [0], [5]).Shape);
    }

    [TestMethod]
    public void TwoSymbolsMayEachBeOne()
    {
        Graph graph = NewGraph();
        Value a = graph.AddInput("a", ElementType.Float, Shape.Of(Batch, 1));
        Value b = graph.AddInput("b", ElementType.Float, Shape.Of(Dim.Symbol("other"), 5));
        using OpBuilder op = graph.BuildAtEnd("t");

        Assert.AreEqual(Shape.Of(Dim.Unknown, 5), (a + b).Shape);
        Assert.AreEqual(Shape.Of(Batch, 1), (a + a).Shape);
    }

    [TestMethod]
    public void DeclaredShapesFillWhatInferenceDoesNotKnow()
    {
        Graph graph = NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 5));
        Value mask = graph.AddInput("mask", ElementType.Bool, Shape.Of(Batch));
        Value y = Emit(graph, "Compress", [x, mask], ("axis", 0));
        y.Shape = Shape.Of(Dim.Symbol("kept"), Dim.Unknown);
        ShapeInference.Apply(graph);
        Assert.AreEqual(Shape.Of(Dim.Symbol("kept"), 5), y.Shape);
    }

    [TestMethod]
    public void ContradictionNamesNodeAndBothShapes()
    {
        Graph graph = NewGraph();
        Value y = Emit(graph, "Relu", [graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 5))]);
        y.Shape = Shape.Of(Batch, 6);
        var e = Assert.ThrowsExactly<GraphRewriteException>(() => ShapeInference.Apply(graph));
        Assert.AreEqual("Shape inference: Node 'Relu' (Relu, opset 17): its output 'y' has the shape [batch, 5], but the " +
            "file declares [batch, 6]. Export the model again, or correct the declaration.", e.Message);
    }

    [TestMethod]
    [DataRow("Add", "the extents 4 and 3 do not broadcast")]
    [DataRow("MatMul", "the inner extents 4 and 3 differ")]
    public void MisfitNamesInputs(string type, string found)
    {
        Graph graph = NewGraph();
        Emit(graph, type, [graph.AddInput("a", ElementType.Float, Shape.Of(3, 4)), graph.AddInput("b", ElementType.Float, Shape.Of(3, 3))]);
        var e = Assert.ThrowsExactly<GraphRewriteException>(() => ShapeInference.Apply(graph));
        Assert.AreEqual($"Shape inference: Node '{type}' ({type}, opset 17): {found} (inputs 'a' [3, 4], 'b' [3, 3]). "
            + "The model is not valid ONNX; check it (onnx.checker) and export it again.", e.Message);
    }

    [TestMethod]
    public void AxisOutsideTheRankIsTheModelsMistake()
    {
        Graph graph = NewGraph();
        Emit(graph, "Gather", [graph.AddInput("a", ElementType.Float, Shape.Of(3)), graph.AddInitializer("i", Tensor.Vector(7L))], ("axis", 3));
        Emit(graph, "Transpose", [graph.Get("a")], ("perm", new long[] { 1, 0 }));
        Assert.ThrowsExactly<GraphRewriteException>(() => ShapeInference.Apply(graph));
    }

    [TestMethod]
    public void TrainingOperatorsFollowTheirForwardValues()
    {
        Graph graph = NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 4, 9));
        Value w = graph.AddInput("w", ElementType.Float, Shape.Of(6, 2, 3));
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(Batch, 6, 7));
        using OpBuilder op = graph.BuildAtEnd("t");

        CollectionAssert.AreEqual(new[] { x.Shape, w.Shape, Shape.Of(6) }, Shapes(op.Ops("com.microsoft::ConvGrad", [dY, x, w], 3, ("group", 2))));
        Value[] pool = op.Ops("MaxPool", [x], 2, ("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 }));
        CollectionAssert.AreEqual(new[] { Shape.Of(Batch, 4, 4), Shape.Of(Batch, 4, 4) }, Shapes(pool));
        Assert.AreEqual(x.Shape, op.Op("MaxPoolGrad", [pool[0], pool[1]]).Shape);
        Value[] joined = op.Ops("com.microsoft::ConcatTraining", [x, x], 2, ("axis", 1));
        CollectionAssert.AreEqual(new[] { Shape.Of(Batch, 8, 9), Shape.Of(2) }, Shapes(joined));
        CollectionAssert.AreEqual(new[] { x.Shape, x.Shape }, Shapes(op.Ops("com.microsoft::SplitTraining", [joined[0], joined[1]], 2, ("axis", 1))));
        Assert.AreEqual(x.Shape, op.Op("com.microsoft::GatherGrad", [op.Shape(x), op.Ints(0), dY]).Shape);
        CollectionAssert.AreEqual(new[] { Shape.Of(1), w.Shape }, Shapes(op.Ops("com.microsoft::InPlaceAccumulatorV2", [w, w, w], 2)));
        CollectionAssert.AreEqual(new[] { x.Shape, Shape.Of(Batch, 4, 1), Shape.Of(Batch, 4, 1) }, Shapes(op.Ops("LayerNormalization", [x, w], 3)));
    }

    [TestMethod]
    public void BlockedChannelsAreKnownWhereEveryBlockDividesThem()
    {
        Graph graph = NewGraph();
        Value wide = graph.AddInput("wide", ElementType.Float, Shape.Of(Batch, 32, 8, 8));
        Value odd = graph.AddInput("odd", ElementType.Float, Shape.Of(Batch, 12, 8, 8));
        using OpBuilder op = graph.BuildAtEnd("t");
        Value blocked = op.Op("com.microsoft.nchwc::ReorderInput", [odd]);

        Assert.AreEqual(wide.Shape, op.Op("com.microsoft.nchwc::ReorderInput", [wide]).Shape);
        Assert.AreEqual(Shape.Of(Batch, Dim.Unknown, 8, 8), blocked.Shape);
        Assert.AreEqual(odd.Shape, op.Op("com.microsoft.nchwc::ReorderOutput", [blocked], ("channels", 12)).Shape);
    }

    [TestMethod]
    public void ProductsOfSymbolsReadAsTheyAreWritten()
    {
        Assert.AreEqual(Batch * 65, Dim.Symbol((Batch * 65).ToString()));
        Assert.AreEqual(3, Dim.Symbol("a*b").Bind(new Dictionary<string, long> { ["a"] = 1, ["b"] = 3 }));
        Assert.IsFalse(Dim.Symbol("2*s77 + 1").IsUnknown);
        Assert.AreEqual(Dim.Unknown, Batch + 1);
        Assert.AreEqual((Dim)0, Batch - Batch);
    }

    [TestMethod]
    public void BoundShapesFoldToInitializers()
    {
        Graph graph = NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 3, 4));
        Value extents, y;
        using (OpBuilder op = graph.BuildAtEnd("t"))
        {
            extents = op.Concat(0, op.Slice(op.Shape(x), [0], [0], [1]), op.Ints(12));
            y = op.Reshape(x, extents);
        }
        graph.MarkOutput(y);

        FoldShapeArithmetic.Apply(graph);
        Assert.HasCount(4, graph.Nodes);
        Assert.IsNull(extents.Initializer);

        ShapeInference.Bind(graph, new Dictionary<string, long> { ["batch"] = 64 });
        FoldShapeArithmetic.Apply(graph);
        RemoveUnusedNodes.Apply(graph);
        CollectionAssert.AreEqual(new long[] { 64, 12 }, extents.Initializer!.ToInt64());
        Assert.AreEqual(Shape.Of(64, 12), y.Shape);
        CollectionAssert.AreEqual(new[] { "Reshape" }, graph.Nodes.Select(node => node.Op.Type).ToArray());
    }

    private static Graph NewGraph() => new("test", new Dictionary<string, long> { [OpId.Onnx] = 17, [OpId.Microsoft] = 1 });

    private static Shape?[] Shapes(Value[] values) => Array.ConvertAll(values, value => value.Shape);

    private static Value Emit(Graph graph, string type, Value[] inputs, params (string Name, object Value)[] attributes)
    {
        Node node = graph.AddNode(type, type, inputs);
        foreach ((string name, object value) in attributes) node.SetAttribute(name, value);
        Value y = graph.NewValue("y", ElementType.Float);
        node.SetOutput(0, y);
        return y;
    }
}
