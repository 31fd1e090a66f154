using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Aᵀ B with the narrower matrix transposed before is Aᵀ B.</summary>
[TestClass]
public sealed class TallProductsTests
{
    [TestMethod]
    [DataRow(3L, 400L, new[] { "Transpose", "Reshape", "MatMul", "Reshape" })]
    [DataRow(400L, 5L, new[] { "Transpose", "Reshape", "MatMul", "Reshape", "Transpose" })]
    public void TheNarrowerIsTransposed(long columnsOfA, long columnsOfB, string[] after)
    {
        var random = new Random(1);
        (string, Tensor)[] feeds = [("a", LoweringRun.Uniform(random, 2100, columnsOfA)), ("b", LoweringRun.Uniform(random, 2100, columnsOfB))];
        Graph graph = GraphOf(2100, columnsOfA, columnsOfB), lowered = GraphOf(2100, columnsOfA, columnsOfB);
        TallProducts.Apply(lowered, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(after, Types(lowered));
        Tensor expected = LoweringRun.Run(graph, feeds)["y"], actual = LoweringRun.Run(lowered, feeds)["y"];
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray());
        LoweringRun.AssertClose(expected.ToDouble(), actual, 1e-5, "y"); // another order of 2,100 terms
    }

    [TestMethod]
    [DataRow(2000L, 3L, 400L, DisplayName = "few rows")]
    [DataRow(2100L, 3L, 300L, DisplayName = "few columns")]
    [DataRow(4096L, 3L, 400L, DisplayName = "rows of the transposed matrix would share the cache's places")]
    public void OthersStay(long rows, long columnsOfA, long columnsOfB) => AssertStays(GraphOf(rows, columnsOfA, columnsOfB));

    [TestMethod]
    [DataRow("alpha", 2f)]
    [DataRow("transB", 1L)]
    public void OtherProductsStay(string attribute, object value) => AssertStays(GraphOf(2100, 400, 400, (attribute, value)));

    [TestMethod]
    public void OtherDevicesKeepTheirs() => AssertStays(GraphOf(2100, 3, 400), LoweringTarget.Cpu with { Device = ExecutionDevice.Cuda });

    private static void AssertStays(Graph graph, LoweringTarget? target = null)
    {
        TallProducts.Apply(graph, target ?? LoweringTarget.Cpu);
        CollectionAssert.AreEqual(new[] { "Gemm" }, Types(graph));
    }

    private static Graph GraphOf(long rows, long columnsOfA, long columnsOfB, params (string, object)[] attributes)
    {
        Graph graph = LoweringRun.NewGraph();
        Value a = graph.AddInput("a", ElementType.Float, Shape.Of(rows, columnsOfA)), b = graph.AddInput("b", ElementType.Float, Shape.Of(rows, columnsOfB));
        graph.MarkOutput(LoweringRun.Add(graph, "Gemm", [a, b], [("transA", 1L), .. attributes], "y")[0]);
        return graph;
    }

    private static string[] Types(Graph graph) => [.. graph.Nodes.Select(node => node.Op.Type)];
}
