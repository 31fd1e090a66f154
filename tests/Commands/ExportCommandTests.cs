using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Commands;

/// <summary>
/// The model for inference of a trained run: on a stock runtime it gives the logits that the evaluation model gives with the trained parameters.
/// </summary>
[TestClass]
public sealed class ExportCommandTests
{
    [TestMethod]
    [DataRow("mobilenet", new[] { "input" })]
    [DataRow("vit_conv", new[] { "input" })]
    [DataRow("twotower", new[] { "input0", "input1" })]
    public void GivesTheLogitsOfTheTrainedModel(string name, string[] inputs)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), exported = folder.File("model.onnx");
        Verb.Run("train", "--model", TestData.Case(name), "--data", "synthetic", "--steps", "3", "--batch-size", "8", "--output", run);
        Verb.Run("export", run, "--output", exported);
        CollectionAssert.AreEqual(File.ReadAllBytes(exported), File.ReadAllBytes(Path.Combine(run, "model.onnx")), "train writes what export writes");

        TrainableModel trained = TrainableModel.Open(run, new());
        Tensor[] batch = [.. ReferenceCase.Read(name).Batches[0]];
        Dictionary<string, Tensor> feeds = trained.BatchInputs.Zip(batch).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        Model model = OnnxReader.Read(exported);
        CollectionAssert.AreEqual(inputs, model.Graph.Inputs.Select(input => input.Name).ToArray());
        CollectionAssert.AreEqual(new[] { trained.Prediction }, model.Graph.Outputs.Select(output => output.Name).ToArray());
        foreach (Node node in model.Graph.Nodes.Where(node => node.Op == "BatchNormalization"))
        {
            Assert.AreEqual(0, node.Int("training_mode", 0), $"{node}");
            Assert.HasCount(1, node.Outputs, $"{node}");
        }
        double[] logits = new OrtGraphRunner().Run(model, feeds)[trained.Prediction].ToDouble();

        Dictionary<string, Tensor> all = feeds.Concat(trained.Initial).ToDictionary();
        double[] expected = new OrtGraphRunner().Run(trained.EvaluationWithPrediction(), all)[trained.Prediction].ToDouble();
        Deviation.AssertWithin(expected, logits, 1e-5);
        Assert.IsGreaterThan(1e-3, Untrained(name, feeds).Zip(logits, (u, l) => Math.Abs(u - l)).Max(), "training changed the logits");
    }

    private static double[] Untrained(string name, Dictionary<string, Tensor> feeds)
    {
        TrainableModel model = TrainableModel.Open(TestData.Case(name), new());
        return new OrtGraphRunner().Run(model.EvaluationWithPrediction(), feeds.Concat(model.Initial).ToDictionary())[model.Prediction].ToDouble();
    }
}
