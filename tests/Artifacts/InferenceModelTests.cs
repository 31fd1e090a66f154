using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Artifacts;

/// <summary>What is deployed, in the forward model's own opset, and with another batch: on ONNX Runtime it gives the same logits.</summary>
[TestClass]
public sealed class InferenceModelTests
{
    public static IEnumerable<object[]> Cases => Directory.EnumerateDirectories(TestData.Cases).Select(Path.GetFileName)
        .Except(["siamese", "twotower", "vgg_dropout"]).Select(name => new object[] { name! });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AForwardModelKeepsItsOpset(string name)
    {
        string file = Path.Combine(TestData.Case(name), "forward.onnx");
        Model forward = OnnxReader.Read(file);
        TrainingArtifacts artifacts = ForwardArtifacts.Build(file, new());
        Dictionary<string, Tensor> parameters = Changed(artifacts);
        Model kept = InferenceModel.OfForward(forward, artifacts.Prediction, parameters.GetValueOrDefault);
        Assert.AreEqual(forward.Graph.OpsetOf(OpId.Onnx), kept.Graph.OpsetOf(OpId.Onnx));
        CollectionAssert.AreEqual(new[] { artifacts.Prediction }, kept.Graph.Outputs.Select(output => output.Name).ToArray());
        foreach (Node node in kept.Graph.Nodes.Where(node => node.Op == "BatchNormalization")) Assert.AreEqual(0, node.Int("training_mode", 0));
        Assert.IsFalse(kept.Graph.Nodes.Any(node => node.Op == "Dropout"));

        Model raised = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        Dictionary<string, Tensor> feeds = Feeds(kept, ReferenceCase.Read(name).Batches[0][0]);
        double[] expected = new OrtGraphRunner().Run(raised, feeds)[artifacts.Prediction].ToDouble();
        Deviation.AssertWithin(expected, new OrtGraphRunner().Run(kept, feeds)[artifacts.Prediction].ToDouble(), 1e-5);
    }

    /// <summary>Exported for one example (no dynamic_axes), then opened: each row of a batch is what the example alone gives.</summary>
    [TestMethod]
    [DataRow("lenet")]
    [DataRow("mobilenet")]
    [DataRow("mlp")]
    [DataRow("conv1d")]
    public void AFixedBatchIsOpened(string name)
    {
        Model open = OnnxReader.Read(Path.Combine(TestData.Case(name), "forward.onnx"));
        string prediction = open.Graph.Outputs[0].Name;
        Model one = InferenceModel.OfForward(open, prediction, _ => null);
        InferenceModel.SetBatch(one, 1);
        Assert.AreEqual(1, one.Graph.Inputs[0].Shape![0].Value);
        Model again = one.Clone();
        InferenceModel.SetBatch(again, null);
        Assert.IsFalse(again.Graph.Inputs[0].Shape![0].IsKnown);

        Tensor batch = ReferenceCase.Read(name).Batches[0][0];
        double[] together = new OrtGraphRunner().Run(again, Feeds(again, batch))[prediction].ToDouble();
        int length = together.Length / (int)batch.Dims[0], elements = (int)(batch.Length / batch.Dims[0]);
        for (int row = 0; row < batch.Dims[0]; row++)
        {
            Tensor single = Tensor.Of([1, .. batch.Dims.Skip(1)], batch.Span<float>().Slice(row * elements, elements).ToArray());
            double[] alone = new OrtGraphRunner().Run(one, Feeds(one, single))[prediction].ToDouble();
            Deviation.AssertWithin(alone, together[(row * length)..((row + 1) * length)], 1e-5);
        }
    }

    [TestMethod]
    public void AReshapeThatRepeatsTheBatchIsOpened()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(4, 2, 3));
        Value flat = graph.NewValue("flat", ElementType.Float, Shape.Of(4, 6)), y = graph.NewValue("y", ElementType.Float, Shape.Of(4, 6));
        graph.AddNode("Reshape", "r1", [x, graph.AddInitializer("s1", Tensor.Vector(4L, 6L))]).SetOutput(0, flat);
        graph.AddNode("Reshape", "r2", [flat, graph.AddInitializer("s2", Tensor.Vector(4L, -1L))]).SetOutput(0, y);
        graph.MarkOutput(y);
        var model = new Model(graph);
        InferenceModel.SetBatch(model, null);
        Tensor fed = Tensor.Of([7, 2, 3], [.. Enumerable.Range(0, 42).Select(i => (float)i)]);
        Tensor found = new OrtGraphRunner().Run(model, new Dictionary<string, Tensor> { ["x"] = fed })["y"];
        CollectionAssert.AreEqual(new long[] { 7, 6 }, found.Dims.ToArray());
    }

    private static Dictionary<string, Tensor> Feeds(Model model, Tensor batch) => new() { [model.Graph.Inputs[0].Name] = batch };

    /// <summary>Other values than the file's, so that it shows where they came from.</summary>
    private static Dictionary<string, Tensor> Changed(TrainingArtifacts artifacts) => artifacts.Parameters.ToDictionary(
        pair => pair.Key,
        pair => pair.Value.Type != ElementType.Float || pair.Key.Contains("running_", StringComparison.Ordinal) ? pair.Value
            : Tensor.Of([.. pair.Value.Dims], [.. pair.Value.ToDouble().Select(value => (float)(value * 0.9))]));
}
