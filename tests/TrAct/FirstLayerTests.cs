using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.TrAct;

/// <summary>The first layer of every model that ONNX Runtime Training made artifacts of.</summary>
[TestClass]
public sealed class FirstLayerTests
{
    public static IEnumerable<object[]> Cases => Directory.EnumerateDirectories(TestData.Cases)
        .Where(folder => File.Exists(Path.Combine(folder, "training_model.onnx")))
            .Order(StringComparer.Ordinal).Select(folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void IsTheOneThatPyTorchSees(string name)
    {
        (Model model, TrActOptions options, string[] expected) = Artifact(name);
        RewriteReport report = TrActRewrite.Apply(model, options);
        CollectionAssert.AreEqual(expected, report.Layers.Select(layer => layer.Parameter).Distinct().ToArray());
        Assert.HasCount(name == "siamese" ? 2 : 1, report.Layers);
        Assert.HasCount(name == "twotower" ? 1 : 0, report.Warnings);
    }

    [TestMethod]
    public void TwoTowersAreNamedInTheWarning()
    {
        (Model model, TrActOptions options, _) = Artifact("twotower");
        Assert.AreEqual(
            "TrAct goes into '/conv/Conv' (conv.weight) only; the model has other first layers: " +
                "'/lin/Gemm' (lin.weight). To choose, name layers with --layer (repeatable).",
            OptionNames.Describe(TrActRewrite.Apply(model, options).Warnings.Single()));
    }

    [TestMethod]
    [DataRow("twotower", new[] { "conv.weight", "/lin/Gemm" }, new[] { "conv.weight", "lin.weight" })]
    [DataRow("lenet", new[] { "conv?.weight" }, new[] { "conv1.weight", "conv2.weight" })]
    [DataRow("lenet", new[] { "/conv*" }, new[] { "conv1.weight", "conv2.weight" })]
    [DataRow("lenet", new[] { "conv2.bias" }, new[] { "conv2.weight" })]
    [DataRow("seqmlp", new[] { "l2.weight" }, new[] { "l2.weight" })]
    public void LayersCanBeNamed(string name, string[] layers, string[] expected)
    {
        (Model model, TrActOptions options, _) = Artifact(name);
        RewriteReport report = TrActRewrite.Apply(model, options with { Layers = layers });
        CollectionAssert.AreEqual(expected, report.Layers.Select(layer => layer.Parameter).ToArray());
        Assert.IsEmpty(report.Warnings);
    }

    internal static (Model Model, TrActOptions Options, string[] Expected) Artifact(string name)
    {
        Model model = OnnxReader.Read(Path.Combine(TestData.Case(name), "training_model.onnx"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Case(name), "case.json")));
        string[] expected = [.. json.RootElement.GetProperty("tract_layers").EnumerateArray().Select(layer => $"{layer.GetString()}.weight")];
        const string buffer = "_grad.accumulation.buffer";
        string[] trainable = [.. model.Graph.Inputs.Select(input => input.Name)
            .Where(input => input.EndsWith(buffer, StringComparison.Ordinal)).Select(input => input[..^buffer.Length])];
        string[] inputs = [.. model.Graph.Inputs.Select(input => input.Name).Where(input => input.StartsWith("input", StringComparison.Ordinal))];
        return (model, new() { UserInputs = inputs, Trainable = trainable }, expected);
    }
}
