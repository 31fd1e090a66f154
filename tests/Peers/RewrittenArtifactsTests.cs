using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;
using TrActOnnx.Tests.TrAct;

namespace TrActOnnx.Tests.Peers;

/// <summary>Rewritten artifacts train on the genuine runtime, as PyTorch in float64 trains with TrAct.</summary>
[TestClass]
[TestCategory("Node")]
public sealed class RewrittenArtifactsTests
{
    /// <summary>AdamW cases: the others do not load there. Both forms; the tolerance is that of the loss, relative, over all steps.</summary>
    [TestMethod]
    [DataRow("mlp", TrActForm.Primal, 1e-4)]
    [DataRow("mlp", TrActForm.Dual, 1e-4)]
    [DataRow("lenet", TrActForm.Primal, 1e-4)]
    [DataRow("vit_conv", TrActForm.Primal, 1e-4)]
    [DataRow("vit_linear", TrActForm.Primal, 1e-4)]
    [DataRow("mobilenet", TrActForm.Primal, 1e-4)]
    [DataRow("resnet18_stem7", TrActForm.Primal, 1e-4)]
    [DataRow("seqmlp", TrActForm.Primal, 1e-4)]
    [DataRow("conv1d", TrActForm.Primal, 1e-4)]
    public void ReproduceTheReferenceRun(string name, TrActForm form, double tolerance)
    {
        OrtTrainingNode.SkipUnlessAvailable();
        var reference = ReferenceCase.Read(name);
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (string file in new[] { "eval_model.onnx", "optimizer_model.onnx", "checkpoint" })
                File.Copy(Path.Combine(reference.Folder, file), Path.Combine(folder.FullName, file));
            (Model model, TrActOptions options, _) = FirstLayerTests.Artifact(name);
            TrActRewrite.Apply(model, options with { Form = form });
            ExpandTrAct.Apply(model.Graph);
            OnnxWriter.Write(model, Path.Combine(folder.FullName, "training_model.onnx"));

            IReadOnlyList<double> losses = OrtTrainingNode.Train(folder.FullName, reference.Batches).Losses;
            double[] expected = reference.Truth("tract/losses")!.ToDouble();
            Assert.HasCount(expected.Length, losses);
            for (int step = 0; step < expected.Length; step++)
                Assert.AreEqual(expected[step], losses[step], tolerance * Math.Abs(expected[step]), $"loss of step {step}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
