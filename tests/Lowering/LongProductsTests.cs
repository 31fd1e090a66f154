using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;

namespace TrActOnnx.Tests.Lowering;

/// <summary>A long product dealt into parts is the product.</summary>
[TestClass]
public sealed class LongProductsTests
{
    private static readonly string[] Dealt = ["Reshape", "Expand", "FusedMatMul", "Reshape"];

    [TestMethod]
    [DataRow("MatMul", new long[] { 128, 65, 130 }, new long[] { 130, 140 })]
    [DataRow("MatMul", new long[] { 8320, 130 }, new long[] { 130, 140 })]
    [DataRow("Gemm", new long[] { 8320, 130 }, new long[] { 130, 140 })]
    [DataRow("Gemm", new long[] { 8320, 130 }, new long[] { 140, 130 }, "transB", 1L)]
    [DataRow("Gemm", new long[] { 8320, 130 }, new long[] { 130, 140 }, "alpha", 0.5f)]
    [DataRow("com.microsoft::FusedMatMul", new long[] { 128, 65, 130 }, new long[] { 140, 130 }, "transB", 1L)]
    [DataRow("com.microsoft::FusedMatMul", new long[] { 2, 64, 65, 130 }, new long[] { 130, 140 }, "alpha", 2f)]
    public void RowsAreDealtOut(string type, long[] a, long[] b, string? attribute = null, object? value = null)
    {
        (string, object)[] attributes = attribute is null ? [] : [(attribute, value!)];
        Graph lowered = GraphOf(type, a, b, attributes);
        LongProducts.Apply(lowered, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(Dealt, Types(lowered));
        CollectionAssert.AreEqual(new long[] { 2, 5, 832, 130 }, lowered.Nodes.Single(node => node.Op.Type == "FusedMatMul").In(0).Shape!.Extents());
        AssertSame(GraphOf(type, a, b, attributes), lowered, a, b);
    }

    [TestMethod]
    [DataRow(new long[] { 1, 0 }, new long[] { 140, 130 }, true)]
    [DataRow(new long[] { 0, 1 }, new long[] { 130, 140 }, false)]
    public void ATransposeBeforeIsReadThrough(long[] perm, long[] b, bool isRead)
    {
        long[] a = [128, 65, 130];
        Graph graph = Transposed(), lowered = Transposed();
        LongProducts.Apply(lowered, LoweringTarget.Cpu);
        Node product = lowered.Nodes.Single(node => node.Op.Type == "FusedMatMul");
        Assert.AreEqual(isRead ? 1 : 0, product.Int("transB", 0));
        Assert.AreEqual(isRead ? "b" : "t", product.In(1).Producer!.In(0).Name);
        AssertSame(graph, lowered, a, b);

        Graph Transposed()
        {
            Graph made = LoweringRun.NewGraph();
            (Value x, Value w) = (made.AddInput("a", ElementType.Float, Shape.Of([.. a])), made.AddInput("b", ElementType.Float, Shape.Of([.. b])));
            Value transposed = LoweringRun.Add(made, "Transpose", [w], [("perm", perm)], "t")[0];
            ShapeInference.Apply(made);
            made.MarkOutput(LoweringRun.Add(made, "MatMul", [x, transposed], [], "y")[0]);
            return made;
        }
    }

    [TestMethod]
    [DataRow(new long[] { 63, 130, 130 }, new long[] { 130, 140 }, DisplayName = "few rows")]
    [DataRow(new long[] { 8320, 100 }, new long[] { 100, 140 }, DisplayName = "few columns of A")]
    [DataRow(new long[] { 8320, 130 }, new long[] { 130, 100 }, DisplayName = "few columns of B")]
    [DataRow(new long[] { 8209, 130 }, new long[] { 130, 140 }, DisplayName = "a prime number of rows")]
    [DataRow(new long[] { 65, 131, 130 }, new long[] { 130, 140 }, DisplayName = "an odd number of rows")]
    [DataRow(new long[] { 2, 8320, 130 }, new long[] { 2, 130, 140 }, DisplayName = "a stack on both sides")]
    public void OthersStay(long[] a, long[] b) => AssertStays(GraphOf("MatMul", a, b));

    [TestMethod]
    public void TransposedRowsStay() => AssertStays(GraphOf("Gemm", [130, 8320], [130, 140], ("transA", 1L)));

    [TestMethod]
    public void OtherDevicesKeepTheirs() =>
        AssertStays(GraphOf("MatMul", [8320, 130], [130, 140]), LoweringTarget.Cpu with { Device = ExecutionDevice.Cuda });

    private static void AssertStays(Graph graph, LoweringTarget? target = null)
    {
        string[] before = Types(graph);
        LongProducts.Apply(graph, target ?? LoweringTarget.Cpu);
        CollectionAssert.AreEqual(before, Types(graph));
    }

    private static void AssertSame(Graph graph, Graph lowered, long[] a, long[] b)
    {
        var random = new Random(1);
        (string, Tensor)[] feeds = [("a", LoweringRun.Uniform(random, a)), ("b", LoweringRun.Uniform(random, b))];
        Tensor expected = LoweringRun.Run(graph, feeds)["y"], actual = LoweringRun.Run(lowered, feeds)["y"];
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray());
        LoweringRun.AssertClose(expected.ToDouble(), actual, 1e-6, "y");
    }

    private static Graph GraphOf(string type, long[] a, long[] b, params (string, object)[] attributes)
    {
        Graph graph = LoweringRun.NewGraph();
        (Value x, Value w) = (graph.AddInput("a", ElementType.Float, Shape.Of([.. a])), graph.AddInput("b", ElementType.Float, Shape.Of([.. b])));
        graph.MarkOutput(LoweringRun.Add(graph, type, [x, w], attributes, "y")[0]);
        return graph;
    }

    private static string[] Types(Graph graph) => [.. graph.Nodes.Select(node => node.Op.Type)];
}
