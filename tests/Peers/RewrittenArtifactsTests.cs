using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.TrAct;

namespace TrActOnnx.Tests.Peers;

/// <summary>
/// Artifacts that `rewrite` made train on the genuine runtime, with the losses that `trace` gives on a stock one and that PyTorch gives in float64.
/// AdamW cases: the others do not load there.
/// </summary>
[TestClass]
[TestCategory("Node")]
public sealed class RewrittenArtifactsTests
{
    /// <summary>Of a loss, relative.</summary>
    private const double Bound = 1e-4;

    [TestMethod]
    [DataRow("mlp")]
    [DataRow("lenet")]
    [DataRow("vit_conv")]
    [DataRow("vit_linear")]
    [DataRow("mobilenet")]
    [DataRow("resnet18_stem7")]
    [DataRow("seqmlp")]
    [DataRow("conv1d")]
    public void TrainAsHereAndAsInPyTorch(string name)
    {
        Skipped.UnlessOrtTrainingRuns();
        var reference = ReferenceCase.Read(name);
        using var folder = new TemporaryFolder();
        string rewritten = folder.File("rewritten"), trace = folder.File("trace.onnx");
        Verb.Run("rewrite", reference.Folder, "--output", rewritten);
        Verb.Run("trace", rewritten, "--batches", Path.Combine(reference.Folder, "truth.onnx"),
            "--lr", FormattableString.Invariant($"{reference.LearningRate}"), "--output", trace);

        IReadOnlyList<double> genuine = OrtTrainingNode.Train(rewritten, reference.Batches).Losses;
        AssertEqual(TensorFile.Read(trace)["losses"].ToDouble(), genuine, "against trace");
        AssertEqual(reference.Truth("tract/losses")!.ToDouble(), genuine, "against PyTorch");
    }

    /// <summary>The form that the command does not choose for a batch of unknown size.</summary>
    [TestMethod]
    public void TheDualFormTrainsAsInPyTorch()
    {
        Skipped.UnlessOrtTrainingRuns();
        var reference = ReferenceCase.Read("mlp");
        using TemporaryFolder folder = TemporaryFolder.CopyOf(reference.Folder);
        (Model model, TrActOptions options, _) = FirstLayerTests.Artifact("mlp");
        TrActRewrite.Apply(model, options with { Form = TrActForm.Dual });
        ExpandTrAct.Apply(model.Graph);
        OnnxWriter.Write(model, folder.File("training_model.onnx"));
        AssertEqual(reference.Truth("tract/losses")!.ToDouble(), OrtTrainingNode.Train(folder.Path, reference.Batches).Losses, "against PyTorch");
    }

    private static void AssertEqual(double[] expected, IReadOnlyList<double> losses, string what)
    {
        Assert.HasCount(expected.Length, losses);
        for (int step = 0; step < expected.Length; step++)
            Assert.AreEqual(expected[step], losses[step], Bound * Math.Abs(expected[step]), $"{what}: loss of step {step}");
    }
}
