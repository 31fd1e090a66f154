using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Commands;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Commands;

/// <summary>export --opset, --batch and --external-data: another form, the same logits.</summary>
[TestClass]
public sealed class ExportFormTests
{
    private static readonly string Model = Path.Combine(TestData.Case("lenet_opset13"), "forward.onnx");

    [TestMethod]
    public void TheOpsetIsKept()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), kept = folder.File("kept.onnx"), raised = folder.File("raised.onnx"), moved = folder.File("m.onnx");
        File.Copy(Model, moved);
        Verb.Run("train", moved, "--data", "synthetic", "--steps", "2", "--batch-size", "8", "--output", run);
        Verb.Run("export", run, "--output", kept);
        Verb.Run("export", run, "--output", raised, "--opset", "raised");
        Assert.AreEqual((13L, 21L), (Opset(kept), Opset(raised)));
        Deviation.AssertWithin(Logits(raised), Logits(kept), 1e-5);
        Assert.IsGreaterThan(1e-4, Logits(Model).Zip(Logits(kept), (a, b) => Math.Abs(a - b)).Max(), "training changed the logits");
        File.AppendAllText(moved, "another file now");
        Verb.Run("export", run, "--output", kept);
        Assert.AreEqual(21L, Opset(kept), "the model is no longer that of the run");
    }

    [TestMethod]
    [DataRow("4", 4L)]
    [DataRow("dynamic", null)]
    [DataRow("Dynamic", null)]
    public void TheBatchIsSet(string batch, long? size)
    {
        using var folder = new TemporaryFolder();
        string one = folder.File("one.onnx"), set = folder.File("set.onnx");
        Verb.Run("export", Model, "--output", one, "--batch", "1");
        Verb.Run("export", one, "--output", set, "--batch", batch);
        Assert.AreEqual(1, OnnxReader.Read(one).Graph.Inputs[0].Shape![0].Value);
        Dim found = OnnxReader.Read(set).Graph.Inputs[0].Shape![0];
        Assert.AreEqual(size, found.IsKnown ? found.Value : null);
        Deviation.AssertWithin(Logits(Model), Logits(set), 1e-5);
    }

    [TestMethod]
    [DataRow("--batch 0: must be a whole number from 1 on, or dynamic.", "0")]
    [DataRow("--batch many: must be a whole number from 1 on, or dynamic.", "many")]
    public void NoSuchBatch(string message, string batch)
    {
        var error = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(2, CommandLine.Run(["export", Model, "--output", "none.onnx", "--batch", batch], TextWriter.Null, error));
        Assert.AreEqual($"{message}\n", error.ToString());
    }

    /// <summary>y = h − mean over the batch: no row stands for itself.</summary>
    [TestMethod]
    public void AModelThatMixesItsBatchIsNotOpened()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("m.onnx");
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(2, 3));
        Value w = graph.AddInitializer("w", Tensor.Of([3, 4], [.. Enumerable.Range(0, 12).Select(i => (float)i)]));
        Value h = graph.NewValue("h", ElementType.Float, Shape.Of(2, 4)), mean = graph.NewValue("mean", ElementType.Float, Shape.Of(1, 1));
        Value y = graph.NewValue("y", ElementType.Float, Shape.Of(2, 4));
        graph.AddNode("MatMul", "n1", [x, w]).SetOutput(0, h);
        graph.AddNode("ReduceMean", "n2", [h]).SetOutput(0, mean);
        graph.AddNode("Sub", "n3", [h, mean]).SetOutput(0, y);
        graph.MarkOutput(y);
        OnnxWriter.Write(new(graph), file);
        var error = new StringWriter { NewLine = "\n" };
        Assert.AreEqual(2, CommandLine.Run(["export", file, "--output", folder.File("open.onnx"), "--batch", "dynamic"], TextWriter.Null, error));
        Assert.Contains("depends on the others of its batch", error.ToString());
    }

    [TestMethod]
    public void WeightsGoBesideIt()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("m.onnx");
        Verb.Run("export", Model, "--output", file, "--external-data");
        Assert.IsGreaterThan(new FileInfo(file).Length, new FileInfo(file + ".data").Length);
        Deviation.AssertWithin(Logits(Model), Logits(file), 1e-6);
    }

    private static long Opset(string file) => OnnxReader.Read(file).Graph.OpsetOf(OpId.Onnx);

    private static double[] Logits(string file)
    {
        Model model = OnnxReader.Read(file);
        float[] pixels = [.. Enumerable.Range(0, 4 * 28 * 28).Select(i => i % 17 / 17f)];
        Tensor batch = Tensor.Of([4, 1, 28, 28], pixels);
        var feeds = new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = batch };
        return new OrtGraphRunner().Run(model, feeds)[model.Graph.Outputs[0].Name].ToDouble();
    }
}
