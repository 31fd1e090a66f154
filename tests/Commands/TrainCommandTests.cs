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
}
