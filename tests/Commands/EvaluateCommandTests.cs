using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using SkiaSharp;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Commands;

/// <summary>evaluate: its numbers against a plain loop over the exported model's logits, and the files that it writes.</summary>
[TestClass]
public sealed class EvaluateCommandTests
{
    [TestMethod]
    public void CountsAsAPlainLoopDoes()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), exported = folder.File("model.onnx"), files = folder.File("evaluation");
        Verb.Run("train", TestData.Case("lenet"), "--steps", "30", "--output", run);
        Verb.Run("export", run, "--output", exported, "--no-preprocessing");
        using var json = JsonDocument.Parse(Verb.Run("evaluate", run, "--json", "--output", files, "--batch-size", "48"));
        JsonElement root = json.RootElement;

        (double loss, double top1, double top5, long[,] confusion) = PlainLoop(run, exported);
        Assert.AreEqual(2000, root.GetProperty("examples").GetInt32());
        Assert.AreEqual(loss, root.GetProperty("loss").GetDouble(), 1e-5);
        Assert.AreEqual(top1, root.GetProperty("top1").GetDouble(), 1e-9);
        Assert.AreEqual(top5, root.GetProperty("top5").GetDouble(), 1e-9);
        Assert.IsGreaterThan(0.2, top1, "it has learned something, or there is nothing to count");
        long[][] found = root.GetProperty("confusion").Deserialize<long[][]>()!;
        for (int label = 0; label < 10; label++)
            for (int prediction = 0; prediction < 10; prediction++) Assert.AreEqual(confusion[label, prediction], found[label][prediction]);

        string[] expected = ["classes.csv", "confusion.csv", "confusion.png", "evaluation.json", "reliability.csv"];
        CollectionAssert.AreEquivalent(expected, Directory.GetFiles(files).Select(Path.GetFileName).ToArray());
        Assert.HasCount(11, File.ReadAllLines(Path.Combine(files, "confusion.csv")));
        Assert.HasCount(16, File.ReadAllLines(Path.Combine(files, "reliability.csv")));
    }

    /// <summary>Numbers in the cells are written even where the machine has no fonts.</summary>
    [TestMethod]
    public void ThePictureHasWords()
    {
        byte[] words = ConfusionPlot.Png(["cat", "dog"], (label, prediction) => label == prediction ? 3 : 1);
        byte[] none = ConfusionPlot.Png(["cat", "dog"], (label, prediction) => label == prediction ? 3000 : 1000);
        using SKBitmap picture = SKBitmap.Decode(words), other = SKBitmap.Decode(none);
        Assert.AreEqual((420, 420), (picture.Width, picture.Height));
        int different = picture.Pixels.Zip(other.Pixels).Count(pair => pair.First != pair.Second);
        Assert.IsGreaterThan(100, different, "the same colours, other numbers");
    }

    [TestMethod]
    public void WithoutClassesThereIsTheLossAlone()
    {
        string said = Verb.Run("evaluate", TestData.Case("regress_mse"), "--data", "synthetic", "-q");
        string[] lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(2, lines, said);
        Assert.StartsWith("loss ", lines[1]);
    }

    [TestMethod]
    public void ARunIsEvaluatedOnItsOwnData()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        Verb.Run("train", TestData.Case("mlp"), "--data", "synthetic", "--seed", "3", "--steps", "2", "--batch-size", "8", "--output", run);
        string said = Verb.Run("evaluate", run, "-q");
        Assert.StartsWith($"{run} on synthetic: 1,024 examples.", said);
        Assert.AreEqual(said, Verb.Run("evaluate", run, "-q", "--data", "synthetic", "--seed", "3"));
        Assert.AreNotEqual(said, Verb.Run("evaluate", run, "-q", "--data", "synthetic", "--seed", "4"));
    }

    /// <summary>Without a test part the run's own validation examples are scored: its own figures come out, of the best epoch and the last.</summary>
    [TestMethod]
    public void WithoutATestPartItIsWhatTheRunHasHeldOut()
    {
        using var folder = new TemporaryFolder();
        string run = TrainOnTable(folder, "--seed", "5", "--validation", "0.3", "--epochs", "6", "--lr", "0.5", "--schedule", "constant");
        EpochReport[] epochs = [.. RunHistory.Read(Path.Combine(run, "metrics.jsonl"), int.MaxValue).Epochs];
        EpochReport best = RunHistory.Read(Path.Combine(run, "metrics.jsonl"), int.MaxValue).Best!, last = epochs[^1];
        Assert.AreNotEqual(best.Step, last.Step, "or there is nothing to choose");
        foreach ((string[] weights, string kind, EpochReport epoch) in new (string[], string, EpochReport)[]
            { ([], "best", best), (["--weights", "best"], "best", best), (["--weights", "last"], "last", last) })
        {
            using var json = JsonDocument.Parse(Verb.Run(["evaluate", run, "--json", .. weights]));
            JsonElement root = json.RootElement;
            Assert.AreEqual("validation", root.GetProperty("set").GetString());
            Assert.AreEqual(27, root.GetProperty("examples").GetInt32());
            Assert.AreEqual(kind, root.GetProperty("weights").GetProperty("kind").GetString());
            Assert.AreEqual(epoch.Step, root.GetProperty("weights").GetProperty("step").GetInt32());
            Assert.AreEqual(epoch.HeldOut!.Loss, root.GetProperty("loss").GetDouble(), 1e-6, "its batches are of 64, and not of 8");
            Assert.AreEqual(epoch.HeldOut.Accuracy!.Value, root.GetProperty("top1").GetDouble(), 1e-9);
        }
        string said = Verb.Run("evaluate", run, "-q");
        Assert.Contains($"27 validation examples. Weights: best on the validation set, of step {best.Step}.", said);
        Assert.AreEqual(said, Verb.Run("evaluate", run, "-q", "--data", folder.File("t.csv")), "the run's own data, given again");
        Assert.AreEqual(said, Verb.Run("evaluate", run, "-q", "--seed", "9"), "what was held out was drawn by the run's seed");
        string other = ColumnsModel.WriteClasses(folder.File("new.csv"), 90, seed: 7);
        Assert.Contains("90 examples. Weights: best", Verb.Run("evaluate", run, "-q", "--data", other, "--label", "kind"));

        File.AppendAllText(folder.File("t.csv"), "1,1,1,sun\n");
        Assert.Contains("is no longer as the run has had it", Verb.Run("evaluate", run, "-q"));
    }

    /// <summary>The figures of a run with --ema are those of the averages: evaluate gives them again, and others of the last weights.</summary>
    [TestMethod]
    public void AveragedWeightsAreWhatTheRunHasValidated()
    {
        using var folder = new TemporaryFolder();
        string run = TrainOnTable(folder, "--validation", "0.3", "--epochs", "3", "--lr", "0.1", "--ema", "0.95");
        RunHistory history = RunHistory.Read(Path.Combine(run, "metrics.jsonl"), int.MaxValue);
        (double Loss, bool Averaged) Of(string weights)
        {
            using var json = JsonDocument.Parse(Verb.Run("evaluate", run, "--json", "--weights", weights));
            return (json.RootElement.GetProperty("loss").GetDouble(), json.RootElement.GetProperty("weights").GetProperty("averaged").GetBoolean());
        }
        Assert.AreEqual(history.Best!.HeldOut!.Loss, Of("best").Loss, 1e-6);
        Assert.AreEqual(history.Epochs.Last().HeldOut!.Loss, Of("ema").Loss, 1e-6);
        Assert.IsTrue(Of("ema").Averaged);
        Assert.IsFalse(Of("last").Averaged);
        Assert.IsGreaterThan(1e-3, Math.Abs(Of("last").Loss - Of("ema").Loss));
        string plain = TrainOnTable(folder, "--epochs", "1", "--overwrite");
        string refused = Verb.Fail("evaluate", plain, "--weights", "ema");
        Assert.AreEqual($"--weights ema: the run in {plain} was trained without --ema. Take --weights last.", refused);
    }

    [TestMethod]
    public void TrainingExamplesAreCalledSo()
    {
        using var folder = new TemporaryFolder();
        string run = TrainOnTable(folder, "--validation", "0", "--epochs", "1"), said = Verb.Run("evaluate", run, "-q");
        Assert.Contains("has neither test nor validation examples; these are training examples", said);
        Assert.Contains("90 training examples. Weights: last, of step 11.", said);
        Assert.AreEqual(
            $"--weights best: the run in {run} has no best weights: nothing was held out for validation, or no epoch is behind it. "
            + "Take --weights last.",
            Verb.Fail("evaluate", run, "--weights", "best"));
        string model = Path.Combine(TestData.Case("mlp"), "forward.onnx");
        Assert.AreEqual(
            $"--weights last: {model} is no run of train, and has one set of weights. Leave --weights out.",
            Verb.Fail("evaluate", model, "--weights", "last"));
    }

    private static string TrainOnTable(TemporaryFolder folder, params string[] options)
    {
        string data = ColumnsModel.WriteClasses(folder.File("t.csv"), 90), run = folder.File("run");
        string model = ColumnsModel.Write(folder.File("forward.onnx"), columns: 3, outputs: 3);
        Verb.Run(["train", model, "--data", data, "--label", "kind", "--batch-size", "8", "--output", run, .. options]);
        return run;
    }

    private static (double Loss, double Top1, double Top5, long[,] Confusion) PlainLoop(string run, string exported)
    {
        IDataset test = ModelData.Open(new(), TrainableModel.Open(run, new()), 1).Test!;
        Model model = OnnxReader.Read(exported);
        var batch = new Batch(test, test.Count);
        test.Fill(Enumerable.Range(0, test.Count).ToArray(), batch);
        Tensor images = Tensor.Of([test.Count, .. test.Inputs[0].Dims], batch.Inputs[0].Floats);
        var feeds = new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = images };
        double[] logits = new OrtGraphRunner().Run(model, feeds).Values.Single().ToDouble();
        var confusion = new long[10, 10];
        double loss = 0, top1 = 0, top5 = 0;
        for (int i = 0; i < test.Count; i++)
        {
            double[] row = logits[(i * 10)..((i + 1) * 10)];
            int label = (int)batch.Labels.Integers[i];
            int[] order = [.. Enumerable.Range(0, 10).OrderByDescending(c => row[c])];
            confusion[label, order[0]]++;
            if (order[0] == label) top1++;
            if (order.Take(5).Contains(label)) top5++;
            loss -= row[label] - Math.Log(row.Sum(Math.Exp));
        }
        return (loss / test.Count, top1 / test.Count, top5 / test.Count, confusion);
    }
}
