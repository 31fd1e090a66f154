using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Sums in nodes that take all threads are the sums of before.</summary>
[TestClass]
public sealed class ThreadedSumsTests
{
    [TestMethod]
    [DataRow(2, false)]
    [DataRow(3, false)]
    [DataRow(3, true)]
    public void ASumIsARowOfAdds(int count, bool broadcast)
    {
        var random = new Random(1);
        (string Name, Tensor Tensor)[] terms =
            [.. Enumerable.Range(0, count).Select(i => ($"x{i}", LoweringRun.Uniform(random, broadcast && i == 0 ? [5] : [4, 5])))];
        CheckSame("Sum", terms, [], ["Sum"], [.. Enumerable.Repeat("Add", count - 1)]);
    }

    [TestMethod]
    public void ASumOfOneTermStays() => CheckSame("Sum", [("x", LoweringRun.Uniform(new Random(1), 4, 5))], [], ["Sum"], ["Sum"]);

    [TestMethod]
    [DataRow(new long[] { -3, -1 }, false)]
    [DataRow(new long[] { 2, 0, 1 }, true)]
    public void AReductionFromTheFirstAxisIsTwo(long[] axes, bool keepDims) =>
        CheckSame("ReduceSum", [("x", LoweringRun.Uniform(new Random(2), 32, 33, 64))], axes, ["ReduceSum"], ["ReduceSum", "ReduceSum"], keepDims);

    [TestMethod]
    [DataRow(new long[] { 0 }, false)]
    [DataRow(new long[] { 1, 0 }, false)]
    [DataRow(new long[] { 0, -2 }, true)]
    public void AReductionOfTheFirstAxesIsAProduct(long[] axes, bool keepDims) => CheckSame(
        "ReduceSum", [("x", LoweringRun.Uniform(new Random(4), 32, 33, 64))], axes, ["ReduceSum"], ["Reshape", "MatMul", "Reshape"], keepDims);

    [TestMethod]
    [DataRow(new long[] { 1, 2 }, 64)]
    [DataRow(new long[] { 0, 1 }, 2)]
    public void OtherReductionsStay(long[] axes, int channels) =>
        CheckSame("ReduceSum", [("x", LoweringRun.Uniform(new Random(3), 32, 33, channels))], axes, ["ReduceSum"], ["ReduceSum"]);

    [TestMethod]
    public void OtherDevicesKeepTheirs()
    {
        Graph graph = GraphOf("Sum", [("a", Tensor.Vector(1f)), ("b", Tensor.Vector(2f))], [], keepDims: false);
        ThreadedSums.Apply(graph, LoweringTarget.Cpu with { Device = ExecutionDevice.Cuda });
        CollectionAssert.AreEqual(new[] { "Sum" }, Types(graph));
    }

    private static void CheckSame(
        string type, (string Name, Tensor Tensor)[] inputs, long[] axes, string[] before, string[] after, bool keepDims = false)
    {
        Graph graph = GraphOf(type, inputs, axes, keepDims), lowered = GraphOf(type, inputs, axes, keepDims);
        ThreadedSums.Apply(lowered, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(before, Types(graph));
        CollectionAssert.AreEqual(after, Types(lowered));
        Tensor expected = LoweringRun.Run(graph, inputs)["y"], actual = LoweringRun.Run(lowered, inputs)["y"];
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray());
        LoweringRun.AssertClose(expected.ToDouble(), actual, 1e-5, "y"); // another order of 1,056 to 67,584 terms
    }

    private static Graph GraphOf(string type, (string Name, Tensor Tensor)[] inputs, long[] axes, bool keepDims)
    {
        Graph graph = LoweringRun.NewGraph();
        List<Value> values = [.. inputs.Select(input => graph.AddInput(input.Name, ElementType.Float, Shape.From(input.Tensor.Dims)))];
        if (type == "ReduceSum") values.Add(graph.AddInitializer("axes", Tensor.Vector(axes)));
        (string, object)[] attributes = type == "ReduceSum" ? [("keepdims", keepDims ? 1L : 0L)] : [];
        graph.MarkOutput(LoweringRun.Add(graph, type, [.. values], attributes, "y")[0]);
        ShapeInference.Apply(graph);
        return graph;
    }

    private static string[] Types(Graph graph) => [.. graph.Nodes.Select(node => node.Op.Type)];
}
