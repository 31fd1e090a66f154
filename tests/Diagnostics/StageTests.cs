using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;
using GraphRewrite.Verification;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Diagnostics;

/// <summary>What a driver refuses names the driver's stage, once.</summary>
[TestClass]
public sealed class StageTests
{
    [TestMethod]
    public void Reading() => Refused("nowhere.onnx: reading: no such file.", () => OnnxReader.Read("nowhere.onnx"));

    [TestMethod]
    public void Writing()
    {
        using var folder = new TemporaryFolder();
        Refused(
            $"{folder.Path}: writing: is a folder. Give a file.",
            () => OnnxWriter.Write(OfAnUnknownOperator(), folder.Path));
    }

    [TestMethod]
    public void Lowering() => Refused(
        "Lowering: Graph 'g': ONNX Runtime has no kernel for 1 node on Cpu: "
        + "'n' (acme::Fancy, opset 1): operators of domain 'acme' are not part of ONNX Runtime.",
        () => LoweringPipeline.Apply(OfAnUnknownOperator(), LoweringTarget.Cpu));

    [TestMethod]
    public void Verification() => Refused(
        "nowhere: verification: no such folder. Name a folder of training artifacts.",
        () => ArtifactVerification.Run("nowhere", "nowhere", new OrtGraphRunner(), model => model));

    [TestMethod]
    public void AFileThatVerificationCannotReadIsAboutReading()
    {
        using var folder = new TemporaryFolder();
        Refused(
            $"{folder.File("training_model.onnx")}: reading: no such file.",
            () => ArtifactVerification.Run(folder.Path, folder.Path, new OrtGraphRunner(), model => model));
    }

    private static void Refused(string message, Action action) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(action).Message);

    private static Model OfAnUnknownOperator()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 21, ["acme"] = 1 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(2));
        Value y = graph.NewValue("y", ElementType.Float, Shape.Of(2));
        graph.AddNode("acme::Fancy", "n", [x]).SetOutput(0, y);
        graph.MarkOutput(y);
        return new(graph);
    }
}
