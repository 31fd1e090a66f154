using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Losses;
using TrActOnnx.Tests.Runs;
using TrainingHost.Commands;

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
            lines, $"{model} on synthetic: 1,024 examples; batch 8, 3 steps, AdamW, learning rate 0.001 (cosine).");
        Assert.IsTrue(Array.Exists(lines, line => line.StartsWith("step 3/3, epoch 1, loss ", StringComparison.Ordinal)));
        StringAssert.StartsWith(lines[^2], "Training loss ");
        Assert.AreEqual($"Written to {run}: checkpoint, model.onnx, metrics.csv, report.html, plots/.", lines[^1]);
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

    /// <summary>What a run needs of its model it has in memory: the file may go while it trains.</summary>
    [TestMethod]
    [DataRow("forward.onnx")]
    [DataRow(".")]
    public void AModelThatIsDeletedMeanwhileLeavesTheWholeRun(string part)
    {
        using TemporaryFolder source = TemporaryFolder.CopyOf(TestData.Case("mlp")), runs = new();
        string model = Path.Combine(source.Path, part), kept = runs.File("kept"), lost = runs.File("lost");
        string[] args = ["train", "--model", model, "--data", "synthetic", "--steps", "3", "--batch-size", "8", "--output"];
        Verb.Run([.. args, kept]);
        var output = new WatchingWriter("Training", () => Array.ForEach(Directory.GetFiles(source.Path), File.Delete));
        Assert.AreEqual(0, CommandLine.Run([.. args, lost], output, Console.Error));
        Assert.IsEmpty(Directory.GetFiles(source.Path), "the model was deleted while it trained");

        RunComparison.AreEqual(kept, lost, "the model was there, and was gone");
    }

    [TestMethod]
    public void ParsesAndDifferentiatesOnce()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(TestData.Case("lenet"), "forward.onnx");
        var spans = new List<Activity>();
        using var root = new Activity("test");
        root.Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Spans.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                // Other tests run beside this one.
                if (span.TraceId == root.TraceId) spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        Verb.Run("train", "--model", model, "--steps", "2", "--batch-size", "8", "--output", folder.File("run"));
        Assert.AreEqual(1, spans.Count(span => span.OperationName == Spans.Parse && Equals(span.GetTagItem(Spans.PathTag), model)), "parses");
        Assert.AreEqual(1, spans.Count(span => span.OperationName == Spans.Differentiate), "gradient graphs");
        Assert.AreEqual(1, spans.Count(span => span.OperationName == Spans.Lower), "step graphs");
    }

    private static double[] MetricLosses(string run, params string[] options)
    {
        Verb.Run(["train", .. options, "--data", "synthetic", "--steps", "3", "--batch-size", "8", "--output", run, "--optimizer", "sgd"]);
        IEnumerable<string> lines = File.ReadLines(Path.Combine(run, "metrics.csv")).Skip(1);
        return [.. lines.Select(line => double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))];
    }

    /// <summary>Does something as a line is written.</summary>
    private sealed class WatchingWriter(string line, Action act) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value == line) act();
        }
    }
}
