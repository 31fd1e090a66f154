using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

/// <summary>What lowering tests share: a graph in the target's opsets, random tensors, one run, and the comparison.</summary>
internal static class LoweringRun
{
    public static Graph NewGraph() => new("test", new Dictionary<string, long> { [OpId.Onnx] = 21, [OpId.Microsoft] = 1 });

    /// <summary>Skips the test where ONNX Runtime has no NCHWc layout.</summary>
    public static void NeedsBlocks(LoweringTarget target)
    {
        if (target.ChannelBlock == 0) Skipped.Because("needs a processor for which ONNX Runtime has NCHWc kernels (AVX2 or AVX-512)");
    }

    /// <summary>The nodes that take values into the NCHWc layout (ReorderInput) or out of it (ReorderOutput).</summary>
    public static Node[] Reorders(Graph graph, string type) => [.. graph.Nodes.Where(node => node.Op == $"{OpId.Nchwc}::{type}")];

    /// <summary>A node with named outputs.</summary>
    public static Value[] Add(Graph graph, OpId op, Value[] inputs, (string Name, object Value)[] attributes, params string[] outputs)
    {
        Node node = graph.AddNode(op, op.Type, inputs);
        foreach ((string name, object value) in attributes) node.SetAttribute(name, value);
        Value[] made = [.. outputs.Select(name => graph.NewValue(name, ElementType.Float))];
        for (int i = 0; i < made.Length; i++) node.SetOutput(i, made[i]);
        return made;
    }

    public static IReadOnlyDictionary<string, Tensor> Run(Graph graph, params (string Name, Tensor Tensor)[] feeds) =>
        new OrtGraphRunner().Run(new Model(graph), feeds.ToDictionary(feed => feed.Name, feed => feed.Tensor));

    public static Tensor Uniform(Random random, params long[] dims) =>
        Tensor.Of(dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => (random.NextSingle() * 2) - 1)]);

    /// <summary>Equal to a part of the largest expected entry.</summary>
    public static void AssertClose(double[] expected, Tensor actual, double tolerance, string what)
    {
        double[] got = actual.ToDouble();
        Assert.HasCount(expected.Length, got, what);
        double bound = tolerance * Math.Max(expected.Select(Math.Abs).DefaultIfEmpty().Max(), 1e-3);
        for (int i = 0; i < got.Length; i++)
            Assert.IsTrue(Math.Abs(expected[i] - got[i]) <= bound, $"{what}: entry {i} is {got[i]}, expected {expected[i]} (bound {bound:g2})");
    }
}
