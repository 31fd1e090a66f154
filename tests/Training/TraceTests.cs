using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Training;

/// <summary>trace from the artifact folders of the reference cases against float64 PyTorch, plain and with TrAct.</summary>
[TestClass]
public sealed class TraceTests
{
    /// <summary>Losses of float32 against float64, relative.</summary>
    private const double SameRun = 1e-5;

    /// <summary>First gradients against the largest entry.</summary>
    private const double Gradient = 1e-4;

    /// <summary>
    /// The ResNets' max-pool has near-ties: one may fall the other way in float32, in a step's gradient; from then on the run is another, near the true
    /// one in its losses only.
    /// </summary>
    private const double AfterNearTie = 1e-2;

    /// <summary>Parameters after a few steps, against the larger of their largest entry and learning rate · steps.</summary>
    private const double Parameters = 1e-4;

    /// <summary>AdamW divides by √v: where a gradient is nearly zero, so that float32 leaves it few digits, the step has no more.</summary>
    private const double AdamParameters = 1e-3;

    public static IEnumerable<object[]> Cases =>
        from path in Directory.EnumerateDirectories(TestData.Cases).Order(StringComparer.Ordinal)
        where File.Exists(Path.Combine(path, "checkpoint")) && File.Exists(Path.Combine(path, "truth.onnx"))
        from kind in new[] { "plain", "tract", "tract_l1", "tract_both" }
        where kind != "tract_both" || Path.GetFileName(path) == "twotower"
        select new object[] { Path.GetFileName(path), kind };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AgreesWithPyTorch(string name, string kind)
    {
        OrderedDictionary<string, Tensor> truth = TensorFile.Read(Path.Combine(TestData.Case(name), "truth.onnx"));
        if (!truth.ContainsKey($"{kind}/losses")) Assert.Inconclusive($"{name} has no truth for {kind}.");
        JsonElement about = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Case(name), "case.json"))).RootElement;
        double rate = about.GetProperty("learning_rate").GetDouble();
        int steps = about.GetProperty("steps").GetInt32();
        using var folder = new TemporaryFolder();
        string output = folder.File("trace.onnx");

        Assert.AreEqual(0, Run(["trace", TestData.Case(name), "--batches", Path.Combine(TestData.Case(name), "truth.onnx"), "--output", output, "--lr", FormattableString.Invariant($"{rate}"), .. Options(kind, about)]));

        OrderedDictionary<string, Tensor> trace = TensorFile.Read(output);
        bool maxPoolTies = name.StartsWith("resnet18", StringComparison.Ordinal);
        bool adam = about.GetProperty("optimizer").GetString() == "AdamW";
        TraceComparison.Losses(truth[$"{kind}/losses"], trace["losses"], SameRun, maxPoolTies ? AfterNearTie : SameRun);
        TraceComparison.Gradients(truth, kind, trace, Gradient);
        if (maxPoolTies && TraceComparison.Deviation(truth[$"{kind}/losses"], trace["losses"]) > SameRun) return; // a tie fell the other way: another run
        TraceComparison.After(truth, kind, trace, rate * steps, maxPoolTies ? AfterNearTie : adam ? AdamParameters : Parameters);
        if (truth.TryGetValue($"{kind}/eval_loss_after", out Tensor? loss)) TraceComparison.Scalar(loss, trace["eval_loss_after"], maxPoolTies ? AfterNearTie : SameRun);
    }

    private static string[] Options(string kind, JsonElement about) => kind switch
    {
        "plain" => ["--no-tract"],
        "tract_l1" => ["--lambda", "1"],
        "tract_both" => ["--layer", "conv.weight", "--layer", "lin.weight"],
        _ => [],
    };

    private static int Run(string[] args)
    {
        var error = new StringWriter();
        int code = CommandLine.Run(args, TextWriter.Null, error);
        return code == 0 ? code : throw new AssertFailedException($"exit code {code}: {error}");
    }
}
