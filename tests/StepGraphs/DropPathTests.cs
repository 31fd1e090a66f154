using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>Stochastic depth as PyTorch exports it (tools/make-random-exports.py): x + path(x) · drawn / keep, drawn an example.</summary>
[TestClass]
public sealed class DropPathTests
{
    private const double Keep = 0.7;

    [TestMethod]
    [DataRow("droppath-floor")]
    [DataRow("droppath-less")]
    [DataRow("droppath-bernoulli")]
    public void Trains(string export)
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> trace = Trace(folder, export, 80, 16, "--lr", "0.02");
        double[] losses = trace["losses"].ToDouble();
        Assert.IsLessThan(0.5 * losses[0], losses.TakeLast(10).Average(), $"{export}: {string.Join(" ", losses)}");
        CollectionAssert.AreEqual(losses, Trace(folder, export, 80, 16, "--lr", "0.02")["losses"].ToDouble(), "the same seed");
        CollectionAssert.AreNotEqual(losses, Trace(folder, export, 80, 16, "--lr", "0.02", "--seed", "2")["losses"].ToDouble(), "another seed");
    }

    /// <summary>The bias gradient of a path is zero for one example exactly where its path is dropped: at a rate of 1 − keep.</summary>
    [TestMethod]
    [DataRow("droppath-floor")]
    [DataRow("droppath-less")]
    [DataRow("droppath-bernoulli")]
    public void APathIsKeptAtItsRateAndTheGradientFollows(string export)
    {
        const int draws = 60;
        using var folder = new TemporaryFolder();
        int kept = 0;
        for (int seed = 1; seed <= draws; seed++)
        {
            OrderedDictionary<string, Tensor> trace = Trace(folder, export, 1, 1, "--lr", "0", "--no-tract", "--seed", $"{seed}");
            bool first = trace["grad/first.bias"].ToDouble().Any(g => g != 0), second = trace["grad/second.bias"].ToDouble().Any(g => g != 0);
            Assert.AreEqual(first, trace["grad/first.weight"].ToDouble().Any(g => g != 0));
            kept += (first ? 1 : 0) + (second ? 1 : 0);
        }
        Assert.AreEqual(Keep, kept / (2.0 * draws), 4 * Math.Sqrt(Keep * (1 - Keep) / (2 * draws)), export);
    }

    private static OrderedDictionary<string, Tensor> Trace(TemporaryFolder folder, string export, int steps, int examples, params string[] options)
    {
        Tensor input = LoweringRun.Uniform(new Random(3), examples, 12);
        Tensor labels = Tensor.Of([examples], [.. Enumerable.Range(0, examples).Select(i => (long)i % 4)]);
        var batches = new OrderedDictionary<string, Tensor>();
        for (int i = 0; i < steps; i++)
        {
            batches[$"batch{i}/input0"] = input;
            batches[$"batch{i}/labels"] = labels;
        }
        TensorFile.Write(folder.File("batches.onnx"), batches);
        Verb.Run(["trace", TestData.Export(export), "--batches", folder.File("batches.onnx"),
            "--output", folder.File("trace.onnx"), "--optimizer", "adamw", .. options]);
        return TensorFile.Read(folder.File("trace.onnx"));
    }
}
