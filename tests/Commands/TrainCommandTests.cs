using System.Globalization;
using GraphRewrite.Losses;

namespace TrActOnnx.Tests.Commands;

/// <summary>train says what it does to the writer that it is given.</summary>
[TestClass]
public sealed class TrainCommandTests
{
    [TestMethod]
    public void SaysWhatItTrainsHowItGoesAndWhatItWrote()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(TestData.Case("mlp"), "forward.onnx"), run = folder.File("run");
        string[] lines = Verb.Run("train", "--model", model, "--data", "synthetic", "--steps", "3", "--batch-size", "8", "--output", run)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        StringAssert.StartsWith(lines[0], "TrAct (λ = 0.1) in ");
        CollectionAssert.Contains(lines, "Synthetic data: random inputs and labels.");
        CollectionAssert.Contains(
            lines, $"{model} on synthetic: 1,024 examples, 0 to test on; batch 8, 3 steps, AdamW, learning rate 0.001 (cosine).");
        Assert.IsTrue(Array.Exists(lines, line => line.StartsWith("step 3/3, epoch 1, loss ", StringComparison.Ordinal)));
        StringAssert.StartsWith(lines[^2], "Training loss ");
        Assert.AreEqual($"Written to {run}: checkpoint, model.onnx, metrics.csv.", lines[^1]);
    }

    public static IEnumerable<object[]> Losses => Loss.All.Select(loss => new object[] { loss.Name });

    /// <summary>A logarithm of a negative label would be no number.</summary>
    [TestMethod]
    [DynamicData(nameof(Losses))]
    public void SyntheticDataIsSoundForEveryLoss(string loss)
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(TestData.Case("mlp"), "forward.onnx"), artifacts = folder.File("artifacts");
        Verb.Run("artifacts", model, "--loss", loss, "--output", artifacts);
        double[] fromForward = MetricLosses(folder.File("a"), "--model", model, "--loss", loss);
        double[] fromArtifacts = MetricLosses(folder.File("b"), "--model", artifacts);
        CollectionAssert.AreEqual(fromForward, fromArtifacts, "the same model, loss and data");
        Assert.HasCount(3, fromForward);
        Assert.IsTrue(Array.TrueForAll(fromForward, double.IsFinite), string.Join(", ", fromForward));
    }

    private static double[] MetricLosses(string run, params string[] options)
    {
        Verb.Run(["train", .. options, "--data", "synthetic", "--steps", "3", "--batch-size", "8", "--output", run, "--optimizer", "sgd"]);
        return [.. from line in File.ReadLines(Path.Combine(run, "metrics.csv")).Skip(1) select double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)];
    }
}
