using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Traces;

/// <summary>Runs trace on a reference case and holds what it writes against the case's float64 PyTorch truth.</summary>
internal static class ReferenceTrace
{
    /// <summary>Why parameters are not compared: a tie fell the other way, and the run is another one.</summary>
    public const string OtherRun = "parameters after a near-tie that fell the other way";

    /// <summary>Why an evaluation is not compared.</summary>
    public const string NoEvaluation = "the evaluation loss with λ = 1, which the truths do not hold";

    /// <summary>Losses of float32 against float64, relative.</summary>
    private const double SameRun = 1e-5;

    /// <summary>
    /// The evaluation of one batch moves little with the last step's gradient: with a tie there by 4e-6 to 1e-5, without by 3e-7 at most.
    /// </summary>
    private const double SameEvaluation = 1e-6;

    /// <summary>First gradients against the largest entry.</summary>
    private const double Gradient = 1e-4;

    /// <summary>
    /// The ResNets' max-pool has near-ties, and mobilenet's ReLU6 activations near its corners: one may fall the other way in float32,
    /// in a step's gradient (whether it does changes with the last bit of the Gram matrix); from then on the run is another,
    /// near the true one in its losses only.
    /// </summary>
    private const double AfterNearTie = 1e-2;

    /// <summary>
    /// Parameters where the last step alone had a tie, which no loss shows: resnet18_w8 has one, whichever formulations compute it. Nearly all entries of
    /// conv1.weight are off, by 3e-3 at most, with dX=phases by 1.4e-2.
    /// </summary>
    private const double AfterLastTie = 1.5e-2;

    /// <summary>Parameters after a few steps, against the larger of their largest entry and learning rate · steps.</summary>
    private const double Parameters = 1e-4;

    /// <summary>AdamW divides by √v: where a gradient is nearly zero, so that float32 leaves it few digits, the step has no more.</summary>
    private const double AdamParameters = 1e-3;

    /// <summary>The kinds of truth that a case can have.</summary>
    public static IReadOnlyList<string> Kinds(string name) =>
        name == "twotower" ? ["plain", "tract", "tract_l1", "tract_both"] : ["plain", "tract", "tract_l1"];

    public static JsonElement About(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Case(name), "case.json"))).RootElement;

    /// <param name="name">The case.</param>
    /// <param name="model">Its artifacts or its forward model.</param>
    /// <param name="kind">Which truth.</param>
    /// <param name="options">Further options of trace.</param>
    public static void Holds(string name, string model, string kind, IEnumerable<string> options)
    {
        string truthFile = Path.Combine(TestData.Case(name), "truth.onnx");
        OrderedDictionary<string, Tensor> truth = TensorFile.Read(truthFile);
        JsonElement about = About(name);
        double rate = about.GetProperty("learning_rate").GetDouble();
        using var folder = new TemporaryFolder();
        string output = folder.File("trace.onnx");
        var error = new StringWriter();
        string lr = FormattableString.Invariant($"{rate}");
        string[] arguments = ["trace", model, "--batches", truthFile, "--output", output, "--lr", lr, .. Options(kind), .. options];
        int code = CommandLine.Run(arguments, TextWriter.Null, error);
        Assert.AreEqual(0, code, error.ToString());

        OrderedDictionary<string, Tensor> trace = TensorFile.Read(output);
        string source = Directory.Exists(model) ? "from artifacts" : "from the forward model";
        bool nearTies = name == "mobilenet" || name.StartsWith("resnet18", StringComparison.Ordinal);
        bool adam = about.GetProperty("optimizer").GetString() == "AdamW";
        TraceComparison.Losses(truth[$"{kind}/losses"], trace["losses"], SameRun, nearTies ? AfterNearTie : SameRun);
        TraceComparison.Gradients(truth, kind, trace, Gradient);
        bool hasLastTie = false;
        if (truth.TryGetValue($"{kind}/eval_loss_after", out Tensor? evaluation))
        {
            TraceComparison.Scalar(evaluation, trace["eval_loss_after"], nearTies ? AfterNearTie : SameRun);
            hasLastTie = nearTies && TraceComparison.Deviation(evaluation, trace["eval_loss_after"]) > SameEvaluation;
        }
        else Skipped.Comparison($"{name} {source}", NoEvaluation);
        if (nearTies && TraceComparison.Deviation(truth[$"{kind}/losses"], trace["losses"]) > SameRun)
        {
            Skipped.Comparison($"{name} {kind} {source}", OtherRun);
            return;
        }
        double parameters = hasLastTie ? AfterLastTie : nearTies ? AfterNearTie : adam ? AdamParameters : Parameters;
        TraceComparison.After(truth, kind, trace, rate * about.GetProperty("steps").GetInt32(), parameters, adam ? Gradient : null);
    }

    private static string[] Options(string kind) => kind switch
    {
        "plain" => ["--no-tract"],
        "tract_l1" => ["--lambda", "1"],
        "tract_both" => ["--layer", "conv.weight", "--layer", "lin.weight"],
        _ => [],
    };
}
