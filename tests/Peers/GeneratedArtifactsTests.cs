using System.Text.Json;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Training;

namespace TrActOnnx.Tests.Peers;

/// <summary>
/// Artifacts that `artifacts` made from forward models, plain and with TrAct, train on the genuine runtime: with PyTorch's float64 losses where the case was
/// trained as that runtime in Node does it (AdamW at 0.001, no other rate), and in every case with the losses of `trace` under that optimizer.
/// </summary>
[TestClass]
[TestCategory("Node")]
public sealed class GeneratedArtifactsTests
{
    /// <summary>Of a loss, relative.</summary>
    private const double Bound = 1e-4;

    private const string Rate = "0.001";

    public static IEnumerable<object[]> Cases =>
        from path in Directory.EnumerateDirectories(TestData.Cases).Order(StringComparer.Ordinal)
        let name = Path.GetFileName(path)
        where File.Exists(Path.Combine(path, "truth.onnx"))
        from tract in new[] { false, true }
        select new object[] { name, tract };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TrainAsHereAndAsInPyTorch(string name, bool tract)
    {
        OrtTrainingNode.SkipUnlessAvailable();
        var reference = ReferenceCase.Read(name);
        using var folder = new TemporaryFolder();
        string generated = folder.File("generated"), artifacts = tract ? folder.File("rewritten") : generated, trace = folder.File("trace.onnx");
        Verb.Run(["artifacts", Path.Combine(reference.Folder, "forward.onnx"), "--output", generated, .. ReferenceTrace.LossAndFrozen(name)]);
        if (tract) Verb.Run("rewrite", generated, "--output", artifacts);
        Verb.Run(["trace", artifacts, "--batches", Path.Combine(reference.Folder, "truth.onnx"), "--lr", Rate, "--output", trace, .. tract ? [] : new[] { "--no-tract" }]);

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
