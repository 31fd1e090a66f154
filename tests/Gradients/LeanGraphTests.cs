using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Traces;

namespace TrActOnnx.Tests.Gradients;

/// <summary>No gradient is computed that nobody uses.</summary>
[TestClass]
public sealed class LeanGraphTests
{
    private static readonly OpId Accumulator = "com.microsoft::InPlaceAccumulatorV2";

    /// <summary>Operators whose outputs cannot be left out: one that is wanted brings the others.</summary>
    private static readonly OpId[] AllOrNone = ["Split", "com.microsoft::BatchNormalizationGrad", "com.microsoft::LayerNormalizationGrad"];

    public static IEnumerable<object[]> Cases => Directory.GetDirectories(TestData.Cases).Select(folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void EveryNodeAndOutputIsUsed(string name)
    {
        Graph graph = Training(name);
        HashSet<Node> forward = Upstream.Of(graph.Outputs[0]), used = Upstream.Of(graph.Outputs);
        foreach (Node node in graph.Nodes.Where(node => !forward.Contains(node)))
        {
            Assert.Contains(node, used, $"{node} leads to no gradient");
            Value[] unused = [.. node.Outputs.OfType<Value>().Where(output => output is { Uses.Count: 0, IsGraphOutput: false })];
            Assert.IsTrue(unused.Length == 0 || AllOrNone.Contains(node.Op), $"{node}: nobody uses {string.Join<Value>(", ", unused)}");
        }
        Assert.IsTrue(graph.Initializers.All(value => value.Uses.Count > 0));
    }

    [TestMethod]
    [DataRow("lenet", "ConvGrad→dW,dB ConvGrad→dX,dW,dB Gemm Gemm Gemm Gemm MaxPoolGrad MaxPoolGrad " +
        "ReduceSum ReduceSum ReluGrad ReluGrad ReluGrad Reshape SoftmaxCrossEntropyLossGrad")]
    [DataRow("mlp", "Gemm Gemm Gemm Gemm Gemm ReduceSum ReduceSum ReduceSum ReluGrad ReluGrad SoftmaxCrossEntropyLossGrad")]
    public void DataHaveNoGradient(string name, string expected) => Assert.AreEqual(expected, Backward(Training(name)));

    /// <summary>Left: dX and dW of fc2, dW of fc1, their biases.</summary>
    [TestMethod]
    public void BackwardPassStopsAtTheFrozenFirstLayers() =>
        Assert.AreEqual("Gemm Gemm Gemm ReduceSum ReduceSum ReluGrad SoftmaxCrossEntropyLossGrad", Backward(Training("lenet", "conv1.*", "conv2.*")));

    /// <summary>Gone: dW of fc2 and its bias.</summary>
    [TestMethod]
    public void FrozenLastLayerOnlyPassesOn() => Assert.AreEqual(
        "ConvGrad→dW,dB ConvGrad→dX,dW,dB Gemm Gemm Gemm MaxPoolGrad MaxPoolGrad " +
            "ReduceSum ReluGrad ReluGrad ReluGrad Reshape SoftmaxCrossEntropyLossGrad",
        Backward(Training("lenet", "fc2.*")));

    [TestMethod]
    [DataRow("conv2.*", "ConvGrad→dW,dB ConvGrad→dX")]
    [DataRow("conv2.bias", "ConvGrad→dW,dB ConvGrad→dX,dW")]
    [DataRow("conv1.weight", "ConvGrad→dB ConvGrad→dX,dW,dB")]
    [DataRow("conv1.*", "ConvGrad→dW,dB")]
    public void ConvGradHasTheOutputsThatAreWanted(string freeze, string expected) =>
        Assert.AreEqual(expected,
            string.Join(' ', Backward(Training("lenet", freeze)).Split(' ').Where(node => node.StartsWith("ConvGrad", StringComparison.Ordinal))));

    /// <summary>A frozen affine part leaves the normalization's statistics on the path, and no gradient of its scale.</summary>
    [TestMethod]
    public void FrozenNormalizationHasNoOwnGradients()
    {
        Graph graph = Training("resnet18_w8", "*bn*");
        Assert.IsFalse(graph.Values.Any(
            value => value.Name.Contains("bn", StringComparison.Ordinal) && value.Name.EndsWith("_grad", StringComparison.Ordinal)));
        foreach (Node node in graph.Nodes.Where(node => node.Op == "com.microsoft::BatchNormalizationGrad"))
            Assert.IsTrue(node.IsOutputUsed(0), $"{node}");
    }

    /// <summary>The operators that the loss does not need, accumulators aside, in alphabetical order.</summary>
    private static string Backward(Graph graph)
    {
        HashSet<Node> forward = Upstream.Of(graph.Outputs[0]);
        return string.Join(' ', graph.Nodes.Where(node => !forward.Contains(node) && node.Op != Accumulator)
            .Select(Named).Order(StringComparer.Ordinal));
    }

    private static string Named(Node node)
    {
        if (node.Op != "com.microsoft::ConvGrad") return node.Op.Type;
        string[] names = ["dX", "dW", "dB"];
        return $"ConvGrad→{string.Join(',', names.Where((_, i) => node.OutOrNull(i) is not null))}";
    }

    private static Graph Training(string name, params string[] freeze)
    {
        using var folder = new TemporaryFolder();
        Verb.Run(["artifacts", Path.Combine(TestData.Case(name), "forward.onnx"), "--output", folder.Path,
            .. ReferenceCase.Read(name).LossAndFrozen, .. freeze.SelectMany(pattern => new[] { "--freeze", pattern })]);
        return OnnxReader.Read(folder.File("training_model.onnx")).Graph;
    }
}
