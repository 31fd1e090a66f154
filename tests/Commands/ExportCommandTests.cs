using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
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

    /// <summary>Raw test images through the run's model, as anyone would feed it: the probabilities that the program itself has of them.</summary>
    [TestMethod]
    public void TakesRawPixels_AndGivesProbabilities()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), plain = folder.File("plain/model.onnx"), bytes = folder.File("bytes.onnx");
        Verb.Run("train", "--model", TestData.Case("lenet"), "--steps", "3", "--batch-size", "8", "--output", run);
        Verb.Run("export", run, "--output", folder.File("same.onnx"));
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("same.onnx")), File.ReadAllBytes(Path.Combine(run, "model.onnx")));
        Verb.Run("export", run, "--output", plain, "--no-preprocessing");
        Verb.Run("export", run, "--output", bytes, "--uint8");
        Assert.AreEqual(File.ReadAllText(Path.Combine(run, "preprocessing.json")), File.ReadAllText(folder.File("plain/preprocessing.json")));
        var preprocessing = Preprocessing.FromJson(File.ReadAllText(folder.File("plain/preprocessing.json")), "plain");
        Assert.AreEqual("Ankle boot", preprocessing.ClassNames![9]);

        byte[] pixels = [.. Enumerable.Range(0, 4 * 784).Select(i => (byte)(i * 31))];
        float[] normalized = [.. pixels.Select(p => (float)(((p / 255.0) - preprocessing.Mean[0]) / preprocessing.Std[0]))];
        double[] logits = Run(plain, Tensor.Of([4, 1, 28, 28], normalized));
        double[] expected = [.. logits.Chunk(10).SelectMany(row => row.Select(logit => Math.Exp(logit) / row.Sum(Math.Exp)))];
        Deviation.AssertWithin(expected, Run(bytes, Tensor.Of([4, 1, 28, 28], pixels)), 1e-5);
        Deviation.AssertWithin(expected, Run(Path.Combine(run, "model.onnx"), Tensor.Of([4, 1, 28, 28], [.. pixels.Select(p => (float)p)])), 1e-5);

        string[] again = ["train", "--model", TestData.Case("lenet"), "--data", "synthetic", "--steps", "1", "--batch-size", "8", "--overwrite"];
        Verb.Run([.. again, "--output", run]);
        Assert.IsFalse(File.Exists(Path.Combine(run, "preprocessing.json")), "that of the run before");
        var error = new StringWriter();
        Assert.AreEqual(2, TrainingHost.Commands.CommandLine.Run(["export", run, "-o", plain, "--with-preprocessing"], TextWriter.Null, error));
        Assert.AreEqual($"--with-preprocessing: {run} holds no preprocessing.json, which train writes for images and tables.\n", error.ToString());
    }

    /// <summary>model.onnx has the best weights, model.last.onnx the last: each what export gives of the checkpoint, and two that differ.</summary>
    [TestMethod]
    public void BestAndLastWeights()
    {
        using var folder = new TemporaryFolder();
        string model = ColumnsModel.Write(folder.File("forward.onnx"), columns: 3, outputs: 3), run = folder.File("run");
        string data = ColumnsModel.WriteClasses(folder.File("t.csv"), 90);
        string[] options =
            ["--seed", "5", "--label", "kind", "--validation", "0.3", "--epochs", "6", "--lr", "0.5", "--schedule", "constant", "--batch-size", "8"];
        Verb.Run(["train", model, "--data", data, .. options, "-o", run]);
        Checkpoint best = Checkpoint.Read(Path.Combine(run, "checkpoints", "best")), last = Checkpoint.Read(Path.Combine(run, "checkpoint"));
        Assert.AreNotEqual(best.OptimizerGroups[0].Step, last.OptimizerGroups[0].Step, "or there is nothing to choose");
        foreach ((string file, string[] weights, Checkpoint of, string said) in new (string, string[], Checkpoint, string)[]
        {
            ("model.onnx", [], best, "Weights: best on the validation set"), ("model.onnx", ["--weights", "best"], best, "Weights: best"),
            ("model.last.onnx", ["--weights", "last"], last, "Weights: last"),
        })
        {
            string exported = folder.File("exported.onnx");
            Assert.StartsWith(said, Verb.Run(["export", run, "-o", exported, "--opset", "raised", .. weights]));
            byte[] bytes = File.ReadAllBytes(exported);
            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Path.Combine(run, file)), file);
            Tensor weight = of.Trainable["second.weight"];
            Assert.IsGreaterThanOrEqualTo(0, bytes.AsSpan().IndexOf(weight.Data.Span), $"{file}: the checkpoint's values");
        }
    }

    /// <summary>With --ema the model of the run is the average; the last weights themselves are beside it, and to be had by name.</summary>
    [TestMethod]
    [DataRow("0.3", "best")]
    [DataRow("0", "ema")]
    public void AveragedWeights(string validation, string tested)
    {
        using var folder = new TemporaryFolder();
        string model = ColumnsModel.Write(folder.File("forward.onnx"), columns: 3, outputs: 3, normalizes: true), run = folder.File("run");
        string data = ColumnsModel.WriteClasses(folder.File("t.csv"), 90), exported = folder.File("exported.onnx");
        string[] options = ["--label", "kind", "--validation", validation, "--epochs", "2", "--lr", "0.1", "--batch-size", "8", "--ema", "0.9"];
        Verb.Run(["train", model, "--data", data, .. options, "-o", run]);
        foreach ((string[] weights, string file, string checkpoint, string suffix) in new (string[], string, string, string)[]
        {
            ([], "model.onnx", tested == "best" ? "checkpoints/best" : "checkpoint", ".ema"),
            (["--weights", tested], "model.onnx", tested == "best" ? "checkpoints/best" : "checkpoint", ".ema"),
            (["--weights", "last"], "model.last.onnx", "checkpoint", ""),
        })
        {
            Verb.Run(["export", run, "-o", exported, "--opset", "raised", .. weights]);
            byte[] bytes = File.ReadAllBytes(exported);
            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Path.Combine(run, file)), file);
            var held = Checkpoint.Read(Path.Combine(run, checkpoint));
            foreach (string name in new[] { "second.weight", "bn.2", "bn.3" })
            {
                Tensor value = held.Frozen.GetValueOrDefault(name + suffix) ?? held.Trainable[name];
                Assert.IsGreaterThanOrEqualTo(0, bytes.AsSpan().IndexOf(value.Data.Span), $"{file}: {name}{suffix} of {checkpoint}");
            }
        }
        Assert.AreEqual(
            $"--ema 0.99: the run in {run} began with --ema 0.9. A resumed run may change --epochs, --steps, --lr, --schedule, --warmup, --patience, "
            + "--checkpoint-every, --keep; leave --ema out, or train anew.",
            Verb.Fail("train", "--resume", run, "--ema", "0.99"));
        Assert.StartsWith("--ema 1: must be 0 or above, and below 1.", Verb.Fail("train", model, "--data", data, "--label", "kind", "--ema", "1"));
    }

    private static double[] Run(string path, Tensor input)
    {
        Model model = OnnxReader.Read(path);
        return new OrtGraphRunner().Run(model, new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = input })
            [model.Graph.Outputs[0].Name].ToDouble();
    }

    private static double[] Untrained(string name, Dictionary<string, Tensor> feeds)
    {
        TrainableModel model = TrainableModel.Open(TestData.Case(name), new());
        return new OrtGraphRunner().Run(model.EvaluationWithPrediction(), feeds.Concat(model.Initial).ToDictionary())[model.Prediction].ToDouble();
    }
}
