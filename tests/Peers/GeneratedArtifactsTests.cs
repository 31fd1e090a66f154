using System.Text.Json;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Traces;

namespace TrActOnnx.Tests.Peers;

/// <summary>
/// Artifacts that `artifacts` made from forward models, plain and with TrAct, train on the genuine runtime: with PyTorch's float64 losses
/// where the case was trained as that runtime in Node does it (AdamW at 0.001, no other rate),
/// and in every case with the losses of `trace` under that optimizer.
/// Not here: vgg_dynamo, whose AveragePoolGrad that runtime divides by zero in;
/// resnet18_w8_adamw, where a near-tie of the max-pool falls the other way.
/// </summary>
[TestClass]
[TestCategory("Node")]
public sealed class GeneratedArtifactsTests
{
    /// <summary>Of a loss, relative.</summary>
    private const double Bound = 1e-4;

    private const string Rate = "0.001";

    [TestMethod]
    [DataRow("mlp", false)]
    [DataRow("lenet", false)]
    [DataRow("lenet_silu", false)]
    [DataRow("lenet_dynamo", false)]
    [DataRow("conv1d_dynamo", false)]
    [DataRow("groupdil", false)]
    [DataRow("siamese", false)]
    [DataRow("twotower", false)]
    [DataRow("regress_l1", false)]
    [DataRow("regress_mse", false)]
    [DataRow("binary_bce", false)]
    [DataRow("seqmlp", false)]
    [DataRow("convnext", false)]
    [DataRow("convnext_dynamo", false)]
    [DataRow("mobilenet_dynamo", false)]
    [DataRow("resnet18_stem7", false)]
    [DataRow("vit_conv_opset20", false)]
    [DataRow("vit_linear", false)]
    [DataRow("lenet_dynamo", true)]
    [DataRow("convnext", true)]
    [DataRow("mobilenet_dynamo", true)]
    [DataRow("vit_conv_opset20", true)]
    public void TrainAsHereAndAsInPyTorch(string name, bool tract)
    {
        Skipped.UnlessOrtTrainingRuns();
        var reference = ReferenceCase.Read(name);
        using var folder = new TemporaryFolder();
        string generated = folder.File("generated"), artifacts = tract ? folder.File("rewritten") : generated, trace = folder.File("trace.onnx");
        Verb.Run(["artifacts", Path.Combine(reference.Folder, "forward.onnx"), "--output", generated, .. reference.LossAndFrozen]);
        if (tract) Verb.Run("rewrite", generated, "--output", artifacts);
        Verb.Run(["trace", artifacts, "--batches", Path.Combine(reference.Folder, "truth.onnx"),
            "--lr", Rate, "--output", trace, .. tract ? [] : new[] { "--no-tract" }]);

        IReadOnlyList<double> genuine = OrtTrainingNode.Train(artifacts, reference.Batches).Losses;
        AssertEqual(TensorFile.Read(trace)["losses"].ToDouble(), genuine, "against trace");
        if (reference.Json.GetProperty("optimizer").GetString() == "AdamW")
            AssertEqual(reference.Truth(tract ? "tract/losses" : "plain/losses")!.ToDouble(), genuine, "against PyTorch");
    }

    private static void AssertEqual(double[] expected, IReadOnlyList<double> losses, string what)
    {
        Assert.HasCount(expected.Length, losses);
        for (int step = 0; step < expected.Length; step++)
            Assert.AreEqual(expected[step], losses[step], Bound * Math.Abs(expected[step]), $"{what}: loss of step {step}");
    }
}
