using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Losses;
using TrActOnnx.Tests.Data;
using TrActOnnx.Tests.Data.Sources;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Models;

[TestClass]
public sealed class ModelDataTests
{
    [TestMethod]
    public void APart_IsHeldOut_AndTheStatisticsAreTheRests()
    {
        TrainableModel model = Open("lenet");
        var data = ModelData.Open(new DataChoice(), model, seed: 1);
        Assert.AreEqual(9_000, data.Training.Count);
        Assert.AreEqual(1_000, data.Validation!.Count);
        Assert.AreEqual(2_000, data.Test!.Count);
        CollectionAssert.Contains(
            data.Notes.ToArray(), "1,000 of 10,000 training examples are held out for validation, in the classes' proportions (--validation 0.1).");
        Assert.AreEqual("Ankle boot", data.ClassNames![9]);
        Preprocessing preprocessing = data.Preprocessing!;
        Assert.AreEqual((1, 28, 28, InputLayout.ChannelsFirst, 1 / 255.0),
            (preprocessing.Channels, preprocessing.Height, preprocessing.Width, preprocessing.Layout, preprocessing.Scale));
        Assert.AreEqual(0.2863, preprocessing.Mean[0], 0.003);
        Assert.AreNotEqual(0.2863089170668269, preprocessing.Mean[0], 1e-9, "the held-out examples are not in it");

        var whole = ModelData.Open(new DataChoice { Validation = 0 }, model, seed: 1);
        Assert.AreEqual(10_000, whole.Training.Count);
        Assert.IsNull(whole.Validation);
        Assert.AreEqual(0.2863089170668269, whole.Preprocessing!.Mean[0], 1e-12);
        Assert.AreNotEqual(data.Fingerprint, whole.Fingerprint);
        Assert.AreEqual(data.Fingerprint, ModelData.Open(new DataChoice(), model, seed: 1).Fingerprint);
        Assert.AreNotEqual(data.Fingerprint, ModelData.Open(new DataChoice(), model, seed: 2).Fingerprint);
    }

    [TestMethod]
    public void GivenStatistics_AndThoseOfAnEarlierRun_Hold()
    {
        TrainableModel model = Open("lenet");
        var given = ModelData.Open(new DataChoice { Mean = [0.5], Std = [0.25] }, model, seed: 1);
        var batch = new Batch(given.Training, 1);
        given.Training.Fill(0, batch, 0);
        Assert.AreEqual(-2, batch.Inputs[0].Floats.Min(), 1e-6, "black: (0 − ½)/¼");
        var later = ModelData.Open(new DataChoice(), model, seed: 1, known: given.Preprocessing);
        CollectionAssert.AreEqual(new[] { 0.5 }, later.Preprocessing!.Mean.ToArray());
        var error = Assert.ThrowsExactly<GraphRewriteException>(
            () => ModelData.Open(new DataChoice { Mean = [1, 2, 3], Std = [1] }, model, seed: 1));
        Assert.AreEqual("--mean: 3 numbers, the model's input has 1 channels. Give one number, or one each.", error.Message);
    }

    [TestMethod]
    public void DamagedFiles_EndTheRun_OrAreNamedAndCounted()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "a/1.png", "a/2.png", "b/1.png", "b/2.png", "b/3.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            File.Copy(ImageTruth.File("grey.png"), folder.File(name));
        }
        byte[] whole = File.ReadAllBytes(folder.File("b/2.png"));
        File.WriteAllBytes(folder.File("b/2.png"), whole[..(whole.Length / 2)]);
        TrainableModel model = Open("lenet");
        var choice = new DataChoice { Data = folder.Path, Validation = 0 };
        Assert.AreEqual(
            $"{folder.File("b/2.png")}: the image is damaged (IncompleteInput). Repair or remove it, "
                + "or leave out what is damaged (--on-corrupt skip).",
            Assert.ThrowsExactly<GraphRewriteException>(() => ModelData.Open(choice, model, seed: 1)).Message);
        var data = ModelData.Open(choice with { SkipCorrupt = true }, model, seed: 1);
        Assert.AreEqual(4, data.Training.Count);
        CollectionAssert.Contains(data.Notes.ToArray(),
            $"{folder.Path}: 1 of 5 images are damaged and left out: {folder.File("b/2.png")}: the image is damaged (IncompleteInput).");
        var batch = new Batch(data.Training, 4);
        data.Training.Fill([0, 1, 2, 3], batch);
        CollectionAssert.AreEqual(new long[] { 0, 0, 1, 1 }, batch.Labels.Integers);
    }

    [TestMethod]
    public void ATable_GivesNumbersToRegress()
    {
        using var folder = new TemporaryFolder();
        string[] names = [.. Enumerable.Range(0, 784).Select(i => $"p{i}")];
        IEnumerable<string> rows = Enumerable.Range(0, 20).Select(r => string.Join(',', names.Select((_, i) => $"{(r * i) % 7}")) + $",{r % 10}.0");
        File.WriteAllLines(folder.File("t.csv"), [string.Join(',', names) + ",price", .. rows]);
        var data = ModelData.Open(new DataChoice { Data = folder.File("t.csv"), Label = ["price"] }, Open("mlp"), seed: 1);
        Assert.AreEqual(18, data.Training.Count);
        Assert.AreEqual(2, data.Validation!.Count);
        CollectionAssert.Contains(
            data.Notes.ToArray(), "The data's examples are [784]: columns of a table, each standardized, laid out as [1, 28, 28].");
        Assert.AreEqual(InputLayout.Columns, data.Preprocessing!.Layout);
        Assert.AreEqual("p783", data.Preprocessing.Columns![783]);
    }

    /// <summary>Soft targets: what MixUp needs.</summary>
    [TestMethod]
    public void ClassesForALossOfProbabilities_AreRowsWithAOne()
    {
        var model = TrainableModel.Open(
            Path.Combine(TestData.Case("mlp"), "forward.onnx"), new() { Loss = new CrossEntropyLoss { SoftTargets = true } });
        IDataset training = ModelData.Open(new DataChoice(), model, seed: 1).Training;
        Assert.IsTrue(training.Labels.IsDistribution);
        CollectionAssert.AreEqual(new long[] { 10 }, training.Labels.Dims.ToArray());
    }

    private static TrainableModel Open(string name) => TrainableModel.Open(Path.Combine(TestData.Case(name), "forward.onnx"), new());
}
