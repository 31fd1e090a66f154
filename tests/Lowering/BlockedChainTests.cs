using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Values stay in the NCHWc layout from one node that has it to the next.</summary>
[TestClass]
public sealed class BlockedChainTests
{
    private static readonly LoweringTarget Here = Device.Open(ExecutionDevice.Cpu).Target;

    private static readonly (string, object)[] Pool = [("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })];

    /// <summary>Conv, Relu, MaxPool, Conv, and back: the numbers are those of the plain layout, and of reorders there are only those at the ends.</summary>
    [TestMethod]
    public void FromConvolutionToConvolution()
    {
        LoweringRun.NeedsBlocks(Here);
        Graph graph = Lowered(Here);
        AssertSame(graph);
        Assert.IsFalse(LoweringRun.Reorders(graph, "ReorderInput").Any(node => node.In(0).Producer?.Op == $"{OpId.Nchwc}::ReorderOutput"));
        Assert.AreEqual("Relu", graph.Nodes.First(node => node.Op == $"{OpId.Nchwc}::Conv").String("activation", ""));
        Assert.IsFalse(graph.Nodes.Any(node => node.Op == "Relu"));
        // X of the first convolution is plain; the pool, both its gradients' comparisons and the second convolution have what they need.
        Node[] entering = [.. LoweringRun.Reorders(graph, "ReorderInput").Where(node => !node.In(0).Name.Contains("/Reshape", StringComparison.Ordinal))];
        CollectionAssert.AreEqual(new[] { "dP" }, entering.Select(node => node.In(0).Name).ToArray());
        // No pool of the plain layout is left, and its indices are not computed.
        Assert.IsFalse(graph.Nodes.Any(node => node.Op == "MaxPool"));
    }

    /// <summary>What compares by indices keeps the pool that makes them.</summary>
    [TestMethod]
    public void APoolWhoseIndicesAreUsedStays()
    {
        LoweringRun.NeedsBlocks(Here);
        Graph graph = Lowered(Here with { Forced = FormulationTable.Parse("maxpool=scatter") });
        AssertSame(graph);
        Assert.AreEqual(1, graph.Nodes.Count(node => node.Op == "MaxPool"));
    }

    [TestMethod]
    public void AnIndicesOutputKeepsThePool()
    {
        LoweringRun.NeedsBlocks(Here);
        Graph graph = Network();
        graph.MarkOutput(graph.Get("Indices"));
        LoweringPipeline.Apply(new Model(graph), Here);
        AssertSame(graph);
        Assert.AreEqual(1, graph.Nodes.Count(node => node.Op == "MaxPool"));
    }

    private static void AssertSame(Graph graph)
    {
        var random = new Random(3);
        (string, Tensor)[] feeds =
        [
            ("X", LoweringRun.Uniform(random, 2, 3, 12, 12)), ("W1", LoweringRun.Uniform(random, 32, 3, 3, 3)),
            ("W2", LoweringRun.Uniform(random, 16, 32, 3, 3)), ("dP", LoweringRun.Uniform(random, 2, 32, 6, 6)),
        ];
        IReadOnlyDictionary<string, Tensor> expected = LoweringRun.Run(Lowered(LoweringTarget.Cpu), feeds), found = LoweringRun.Run(graph, feeds);
        foreach (string name in new[] { "Y", "dRelu" }) LoweringRun.AssertClose(expected[name].ToDouble(), found[name], 1e-5, name);
    }

    private static Graph Lowered(LoweringTarget target)
    {
        Graph graph = Network();
        // The smallest cost decides otherwise; tiny images are cheap in any layout.
        LoweringTarget forced = target.ChannelBlock == 0 ? target
            : target with { Forced = FormulationTable.Parse($"conv=blocked,maxpool={target.Forced["maxpool"] ?? "comparison"}") };
        LoweringPipeline.Apply(new Model(graph), forced);
        return graph;
    }

    private static Graph Network()
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = Input("X", 2, 3, 12, 12), w1 = Input("W1", 32, 3, 3, 3), w2 = Input("W2", 16, 32, 3, 3), dP = Input("dP", 2, 32, 6, 6);
        Value conv = LoweringRun.Add(graph, "Conv", [x, w1], [("pads", new long[] { 1, 1, 1, 1 })], "conv")[0];
        Value relu = LoweringRun.Add(graph, "Relu", [conv], [], "relu")[0];
        Value[] pooled = LoweringRun.Add(graph, "MaxPool", [relu], Pool, "pooled", "Indices");
        pooled[1].Type = ElementType.Int64;
        graph.MarkOutput(LoweringRun.Add(graph, "Conv", [pooled[0], w2], [], "Y")[0]);
        graph.MarkOutput(LoweringRun.Add(graph, "MaxPoolGrad", [dP, pooled[1]], Pool, "dRelu")[0]);
        return graph;

        Value Input(string name, params long[] dims) => graph.AddInput(name, ElementType.Float, Shape.From(dims));
    }
}
