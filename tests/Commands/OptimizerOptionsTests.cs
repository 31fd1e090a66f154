using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.Commands;

/// <summary>One SGD step with and without weight decay: p − η (g + λ_w p) and p − η g differ by η λ_w p, or not at all.</summary>
[TestClass]
public sealed class OptimizerOptionsTests
{
    private const double Rate = 0.1;
    private const double Decay = 0.5;

    [TestMethod]
    [DataRow("all")]
    [DataRow("matrices")]
    public void WeightDecayLeavesVectorsAloneWhereAsked(string decayed)
    {
        OrderedDictionary<string, Tensor> plain = Step("--weight-decay", "0"), decays = Step("--weight-decay", "0.5", "--decay", decayed);
        OrderedDictionary<string, Tensor> before = Step("--lr", "0");
        int vectors = 0;
        foreach ((string name, Tensor tensor) in before.Where(
            pair => pair.Key.StartsWith("after/", StringComparison.Ordinal) && !pair.Key.Contains("running", StringComparison.Ordinal)))
        {
            double factor = decayed == "matrices" && tensor.Rank < 2 ? 0 : Rate * Decay;
            vectors += tensor.Rank < 2 ? 1 : 0;
            double[] p = tensor.ToDouble(), without = plain[name].ToDouble(), with = decays[name].ToDouble();
            double largest = Math.Max(p.Max(Math.Abs), without.Max(Math.Abs));
            for (int i = 0; i < p.Length; i++) Assert.AreEqual(factor * p[i], without[i] - with[i], 1e-6 * largest, name);
        }
        Assert.IsGreaterThan(20, vectors, "MobileNet's biases and scales of normalizations.");
    }

    private static OrderedDictionary<string, Tensor> Step(params string[] options)
    {
        using var folder = new TemporaryFolder();
        string batch = folder.File("batch.onnx"), trace = folder.File("trace.onnx");
        TensorFile.Write(batch, TensorFile.Read(Path.Combine(TestData.Case("mobilenet"), "truth.onnx"))
            .Where(pair => pair.Key.StartsWith("batch0/", StringComparison.Ordinal)));
        string[] rate = options.Contains("--lr") ? [] : ["--lr", "0.1"];
        Verb.Run(["trace", Path.Combine(TestData.Case("mobilenet"), "forward.onnx"), "--batches",
            batch, "--output", trace, "--no-tract", "--optimizer", "sgd", .. rate, .. options]);
        return TensorFile.Read(trace);
    }
}
