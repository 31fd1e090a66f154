using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class PooledReluGradientsTests
{
    private static readonly (string, object)[] Window =
        [("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 0, 1, 0 })];

    /// <summary>Integers from −2 to 2: windows of zeros alone, and several maxima in a window, are in it.</summary>
    [TestMethod]
    public void TheComparisonRunsOverThePooledValues()
    {
        var random = new Random(5);
        Tensor x = Tensor.Of([3, 2, 7, 6], [.. Enumerable.Range(0, 3 * 2 * 7 * 6).Select(_ => (float)random.Next(-2, 3))]);
        Tensor dY = LoweringRun.Uniform(random, 3, 2, 4, 3);
        double[][] found = [.. new[] { false, true }.Select(moved => Gradient(x, dY, moved))];
        Assert.IsTrue(found[0].Any(entry => entry != 0));
        CollectionAssert.AreEqual(found[0], found[1]);
    }

    private static double[] Gradient(Tensor x, Tensor dY, bool moved)
    {
        Graph graph = Backward(x, dY);
        Value dX = graph.Get("dX");
        if (moved)
        {
            PooledReluGradients.Apply(graph);
            Assert.AreEqual("MaxPoolGrad", dX.Producer!.Op.Type);
            Assert.AreEqual(graph.Get("pooled"), graph.Nodes.Single(node => node.Op.Type == "ReluGrad").In(1));
        }
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        return LoweringRun.Run(graph, ("X", x), ("dY", dY))["dX"].ToDouble();
    }

    [TestMethod]
    public void WhatOthersTakeTooStays()
    {
        Graph graph = Backward(new Random(6));
        graph.MarkOutput(graph.Get("dRelu"));
        AssertStays(graph);
    }

    [TestMethod]
    public void AGradientOfOtherValuesStays()
    {
        Graph graph = Backward(new Random(7));
        graph.Get("dX").Producer!.SetInput(1, graph.Get("X"));
        AssertStays(graph);
    }

    private static void AssertStays(Graph graph)
    {
        PooledReluGradients.Apply(graph);
        Assert.AreEqual("com.microsoft::ReluGrad", graph.Get("dX").Producer!.Op.ToString());
    }

    private static Graph Backward(Random random) => Backward(LoweringRun.Uniform(random, 3, 2, 7, 6), LoweringRun.Uniform(random, 3, 2, 4, 3));

    /// <summary>Relu and MaxPool of X, and back to dX.</summary>
    private static Graph Backward(Tensor x, Tensor dY)
    {
        Graph graph = LoweringRun.NewGraph();
        Value xIn = graph.AddInput("X", ElementType.Float, Shape.From(x.Dims)), dYIn = graph.AddInput("dY", ElementType.Float, Shape.From(dY.Dims));
        Value relu = LoweringRun.Add(graph, "Relu", [xIn], [], "relu")[0];
        relu.Shape = xIn.Shape;
        Value[] pooled = LoweringRun.Add(graph, "MaxPool", [relu], Window, "pooled", "Indices");
        pooled[1].Type = ElementType.Int64;
        Value dRelu = LoweringRun.Add(graph, "MaxPoolGrad", [dYIn, pooled[1]], Window, "dRelu")[0];
        graph.MarkOutput(LoweringRun.Add(graph, "com.microsoft::ReluGrad", [dRelu, relu], [], "dX")[0]);
        graph.MarkOutput(pooled[0]);
        return graph;
    }
}
