using GraphRewrite.Diagnostics;
using TrainingHost.Data;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Data.Sources;

[TestClass]
public sealed class IdxFolderTests
{
    [TestMethod]
    public void Fill_NormalizesWithItsOwnStatistics()
    {
        Examples examples = IdxFolder.Pair("x", new("i", [2, 1, 2], [0, 51, 102, 255]), new("l", [2], [3, 1]));
        Normalization statistics = Statistics(examples, 1, 1, 2);
        // numpy: x = [0, 51, 102, 255]/255; x.mean(), x.std()
        Assert.AreEqual(0.4, statistics.Mean[0], 1e-12);
        Assert.AreEqual(0.37416573867739417, statistics.Std[0], 1e-12);

        ImageDataset dataset = IdxBytes.Dataset(examples, statistics, 10, 1, 1, 2);
        var batch = new Batch(dataset, 2);
        dataset.Fill([1, 0], batch);
        float[] expected = [0f, 1.6035675f, -1.069045f, -0.5345225f];
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], batch.Inputs[0].Floats[i], 1e-6f);
        CollectionAssert.AreEqual(new long[] { 1, 3 }, batch.Labels.Integers);
        CollectionAssert.AreEqual(new long[] { 1, 1, 2 }, dataset.Inputs[0].Dims.ToArray());
    }

    [TestMethod]
    public void ImagesOfOneColour_AreNotDividedByZero()
    {
        Examples examples = IdxFolder.Pair("x", new("i", [1, 1, 2], [7, 7]), new("l", [1], [0]));
        ImageDataset dataset = IdxBytes.Dataset(examples, Statistics(examples, 1, 1, 2), 10, 1, 1, 2);
        var batch = new Batch(dataset, 1);
        dataset.Fill([0], batch);
        Assert.AreEqual(0f, batch.Inputs[0].Floats[1], 1e-7f);
    }

    /// <summary>N x H x W x C and N x C x H x W bring the same picture to a model of channel planes.</summary>
    [TestMethod]
    public void ColourLayouts_AreToldApart()
    {
        byte[] pixels = [.. ImageTruth.Pixels.Take(4 * 5 * 3)];
        byte[] planes = [.. ImageTruth.Planes(pixels, 3).Select(value => (byte)value)];
        IdxFile labels = new("l", [1], [0]);
        float[] last = Filled(IdxFolder.Pair("x", new("i", [1, 4, 5, 3], pixels), labels));
        float[] first = Filled(IdxFolder.Pair("x", new("i", [1, 3, 4, 5], [.. planes]), labels));
        CollectionAssert.AreEqual(last, first);
        ImageTruth.AreNear([.. planes.Select(value => value / 255f)], last, 1e-6, "planes");

        static float[] Filled(Examples examples)
        {
            ImageDataset dataset = IdxBytes.Dataset(examples, new([0, 0, 0], [1, 1, 1]), 10, 3, 4, 5);
            var batch = new Batch(dataset, 1);
            dataset.Fill([0], batch);
            return batch.Inputs[0].Floats;
        }
    }

    [TestMethod]
    public void FilesThatDoNotGoTogether_AreRefused()
    {
        Refuses("i holds 2 images, l 1 labels. Give two files of one set.", new("i", [2, 1, 1], [0, 0]), new("l", [1], [0]));
        Refuses("l: holds 2 x 1 x 1 bytes, not one label an image. Are images and labels swapped?",
            new("i", [2], [0, 0]), new("l", [2, 1, 1], [0, 0]));
        Refuses("i: holds a single row of bytes, not images. Are images and labels swapped?", new("i", [2], [0, 0]), new("l", [2], [0, 0]));

        static void Refuses(string message, IdxFile images, IdxFile labels) =>
            Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => IdxFolder.Pair("x", images, labels)).Message);
    }

    /// <summary>Numbers from numpy on Debian's files.</summary>
    [TestMethod]
    public void FashionMnist_IsTheFirstPartOfTheOriginal()
    {
        (Examples training, Examples? validation, Examples? test) = FashionMnist.Load();
        Assert.AreEqual(10_000, training.Count);
        Assert.IsNull(validation);
        Assert.AreEqual(2_000, test!.Count);
        Normalization statistics = Statistics(training, 1, 28, 28);
        Assert.AreEqual(0.2863089170668269, statistics.Mean[0], 1e-12);
        Assert.AreEqual(0.35401796410642794, statistics.Std[0], 1e-12);
        // The black around an image that is padded is none of its pixels.
        Assert.AreEqual(0.2863089170668269, Statistics(training, 1, 32, 32).Mean[0], 1e-12);
        CollectionAssert.AreEqual(new[] { 942, 1027, 1016, 1019, 974, 989, 1021, 1022, 990, 1000 }, ClassCounts(training));
        CollectionAssert.AreEqual(new[] { 200, 203, 214, 190, 219, 195, 197, 200, 194, 188 }, ClassCounts(test));
        Assert.AreEqual("Ankle boot", training.Labels.ClassNames![9]);
    }

    [TestMethod]
    public void Folder_ReadsBothSpellings()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("train-images.idx3-ubyte"), IdxBytes.Of([2, 1, 2], [0, 51, 102, 255]));
        Assert.AreEqual(
            $"{folder.Path}: no file train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz. Give a folder with idx files in MNIST's layout.",
            Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder)).Message);
        File.WriteAllBytes(folder.File("train-labels-idx1-ubyte.gz"), IdxBytes.Gzip(IdxBytes.Of([2], [0, 1])));
        Assert.IsNull(Open(folder).Test);

        File.WriteAllBytes(folder.File("t10k-images-idx3-ubyte"), IdxBytes.Of([1, 1, 2], [255, 255]));
        Assert.Contains("no file t10k-labels-idx1-ubyte", Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder)).Message);
        File.WriteAllBytes(folder.File("t10k-labels-idx1-ubyte"), IdxBytes.Of([1], [1]));
        File.WriteAllText(folder.File("classes.txt"), "zero\none\n");
        DataParts parts = Open(folder);
        Assert.AreEqual(1, parts.Test!.Count);
        CollectionAssert.AreEqual(new[] { "zero", "one" }, parts.Training.Labels.ClassNames!.ToArray());
    }

    [TestMethod]
    public void Open_SaysWhatWouldWork()
    {
        Assert.StartsWith("--data nowhere: no such file or folder. Give a folder of images by class, of idx, CIFAR (.bin), .npy or table files;",
            Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(new DataChoice { Data = "nowhere" }, ["x", "y"])).Message);
        using var folder = new TemporaryFolder();
        Assert.StartsWith($"--data {folder.Path}: the folder holds nothing that is read. Give ",
            Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder)).Message);
    }

    private static DataParts Open(TemporaryFolder folder) => DataSource.Open(new DataChoice { Data = folder.Path }, ["x", "y"]);

    private static Normalization Statistics(Examples examples, params GraphRewrite.IR.Dim[] model)
    {
        IImageSource source = ((ImageInputs)examples.Inputs).Images;
        var shape = new GraphRewrite.IR.Shape([GraphRewrite.IR.Dim.Symbol("batch"), .. model]);
        ImageTarget target = ImageTarget.Of("x", GraphRewrite.IR.ElementType.Float, shape, source.Size);
        return ImageScan.Of(new(source, new("x", target, source.Size)), examples, workers: 3, skips: false, say: null).Statistics();
    }

    private static int[] ClassCounts(Examples examples) =>
        [.. Enumerable.Range(0, 10).Select(c => examples.Labels.Values.Integers!.Count(label => label == c))];
}
