using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Copies in nodes that take all threads are the copies of before.</summary>
[TestClass]
public sealed class ThreadedCopiesTests
{
    [TestMethod]
    [DataRow(new long[] { 3, 4, 1, 1 }, new long[] { 3, 4, 2, 5 })]
    [DataRow(new long[] { 3, 4, 1, 1 }, new long[] { 3, 4, 1, 7 })]
    [DataRow(new long[] { 6, 1 }, new long[] { 6, 4 })]
    [DataRow(new long[] { 1, 1 }, new long[] { 5, 4 })]
    public void CopiesAlongTheLastAxesAreAProduct(long[] from, long[] to) => CheckSame(from, to, "Reshape", "MatMul", "Reshape");

    [TestMethod]
    [DataRow(new long[] { 1, 4 }, new long[] { 3, 4 }, DisplayName = "along the first axis")]
    [DataRow(new long[] { 3, 1, 4 }, new long[] { 3, 2, 4 }, DisplayName = "along one between")]
    [DataRow(new long[] { 4, 1 }, new long[] { 3, 4, 2 }, DisplayName = "to another rank")]
    [DataRow(new long[] { 3, 4 }, new long[] { 3, 4 }, DisplayName = "along none")]
    public void OthersStay(long[] from, long[] to) => CheckSame(from, to, "Expand");

    /// <summary>A row of ones would be as large; of a damaged model the product of the extents overflows.</summary>
    [TestMethod]
    [DataRow(1L << 17, 1L)]
    [DataRow(1L << 40, 1L << 40)]
    public void ManyCopiesStay(long rows, long columns)
    {
        Graph graph = GraphOf([6, 1, 1], [6, rows, columns]);
        ThreadedCopies.Apply(graph, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(new[] { "Expand" }, Types(graph));
    }

    [TestMethod]
    public void OtherDevicesAndTypesKeepTheirs()
    {
        foreach ((ExecutionDevice device, ElementType type) in new[] { (ExecutionDevice.Cuda, ElementType.Float), (ExecutionDevice.Cpu, ElementType.Int64) })
        {
            Graph graph = GraphOf([6, 1], [6, 4], type);
            ThreadedCopies.Apply(graph, LoweringTarget.Cpu with { Device = device });
            CollectionAssert.AreEqual(new[] { "Expand" }, Types(graph));
        }
    }

    private static void CheckSame(long[] from, long[] to, params string[] after)
    {
        Tensor x = LoweringRun.Uniform(new Random(1), from);
        Graph graph = GraphOf(from, to), lowered = GraphOf(from, to);
        ThreadedCopies.Apply(lowered, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(after, Types(lowered));
        Tensor expected = LoweringRun.Run(graph, ("x", x))["y"], actual = LoweringRun.Run(lowered, ("x", x))["y"];
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray());
        CollectionAssert.AreEqual(expected.ToDouble(), actual.ToDouble());
    }

    private static Graph GraphOf(long[] from, long[] to, ElementType type = ElementType.Float)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = graph.AddInput("x", type, Shape.From(from)), shape = graph.AddInitializer("shape", Tensor.Vector(to));
        Value y = LoweringRun.Add(graph, "Expand", [x, shape], [], "y")[0];
        (y.Type, y.Shape) = (type, Shape.From(to));
        graph.MarkOutput(y);
        return graph;
    }

    private static string[] Types(Graph graph) => [.. graph.Nodes.Select(node => node.Op.Type)];
}
