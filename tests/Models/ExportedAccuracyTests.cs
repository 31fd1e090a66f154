using System.Text.Json;
using TrActOnnx.Tests.Commands;

namespace TrActOnnx.Tests.Models;

/// <summary>The models that come with the program, trained a little: from raw pixels, the exported one says what evaluate says.</summary>
[TestClass]
public sealed class ExportedAccuracyTests
{
    private const double OneImage = 0.0005; // of 2,000: other batch sizes round otherwise, and a tie may turn

    [TestMethod]
    [DataRow("lenet", "60")]
    [DataRow("vit.onnx", "20")]
    [DataRow("resnet18.onnx", "12")]
    public void IsThatOfEvaluate(string model, string steps)
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run"), exported = folder.File("model.onnx");
        Verb.Run("train", Path.Combine(TestData.Models, model), "--steps", steps, "--batch-size", "32", "--validation", "0", "--output", run);
        Verb.Run("export", run, "--output", exported);
        using var json = JsonDocument.Parse(Verb.Run("evaluate", run, "--json"));
        double expected = json.RootElement.GetProperty("top1").GetDouble();
        Assert.IsGreaterThan(0.15, expected, "above chance, or there is nothing to compare");
        Assert.AreEqual(expected, ExportedAccuracy.OfRawTestImages(exported, run), OneImage);
    }
}
