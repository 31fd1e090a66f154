using GraphRewrite.Diagnostics;
using TrainingHost.Data;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class IdxDatasetTests
{
    [TestMethod]
    public void Fill_NormalizesWithItsOwnStatistics()
    {
        var dataset = new IdxDataset("x", new("i", [2, 1, 2], [0, 51, 102, 255]), new("l", [2], [3, 1]));
        // numpy: x = [0, 51, 102, 255]/255; x.mean(), x.std()
        Assert.AreEqual(0.4, dataset.Statistics.Mean, 1e-12);
        Assert.AreEqual(0.37416573867739417, dataset.Statistics.StandardDeviation, 1e-12);

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
        var dataset = new IdxDataset("x", new("i", [1, 1, 2], [7, 7]), new("l", [1], [0]));
        var batch = new Batch(dataset, 1);
        dataset.Fill([0], batch);
        Assert.AreEqual(0f, batch.Inputs[0].Floats[1], 1e-7f);
    }

    [TestMethod]
    public void FilesThatDoNotGoTogether_AreRefused()
    {
        Refuses("i holds 2 images, l 1 labels. Give two files of one set.", new("i", [2, 1, 1], [0, 0]), new("l", [1], [0]));
        Refuses("l: holds 2 x 1 x 1 bytes, not one label an image. Are images and labels swapped?",
            new("i", [2], [0, 0]), new("l", [2, 1, 1], [0, 0]));
        Refuses("i: holds a single row of bytes, not images. Are images and labels swapped?", new("i", [2], [0, 0]), new("l", [2], [0, 0]));

        static void Refuses(string message, IdxFile images, IdxFile labels) =>
            Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => new IdxDataset("x", images, labels)).Message);
    }

    [TestMethod]
    public void CheckLabels_NamesTheFirstOutOfRange()
    {
        IdxDataset dataset = IdxBytes.Numbered(20);
        dataset.CheckLabels(10);
        Assert.AreEqual(
            "labels: label 8 of example 8 is out of range, the model has 8 classes (0 to 7).",
            Assert.ThrowsExactly<GraphRewriteException>(() => dataset.CheckLabels(8)).Message);
    }

    /// <summary>Numbers from numpy on Debian's files.</summary>
    [TestMethod]
    public void FashionMnist_IsTheFirstPartOfTheOriginal()
    {
        (IDataset training, IDataset? test) = FashionMnist.Load();
        Assert.AreEqual(10_000, training.Count);
        Assert.AreEqual(2_000, test!.Count);
        PixelStatistics statistics = ((IdxDataset)training).Statistics;
        Assert.AreEqual(0.2863089170668269, statistics.Mean, 1e-12);
        Assert.AreEqual(0.35401796410642794, statistics.StandardDeviation, 1e-12);
        Assert.AreSame(statistics, ((IdxDataset)test).Statistics);

        CollectionAssert.AreEqual(new[] { 942, 1027, 1016, 1019, 974, 989, 1021, 1022, 990, 1000 }, ClassCounts(training));
        CollectionAssert.AreEqual(new[] { 200, 203, 214, 190, 219, 195, 197, 200, 194, 188 }, ClassCounts(test));
        training.CheckLabels(10);
    }

    [TestMethod]
    public void Folder_ReadsBothSpellingsAndSharesTheStatistics()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Assert.AreEqual(
                $"{folder}: no file train-images-idx3-ubyte or train-images-idx3-ubyte.gz. Give a folder with idx files in MNIST's layout.",
                Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(folder)).Message);

            File.WriteAllBytes(Path.Combine(folder, "train-images.idx3-ubyte"), IdxBytes.Of([2, 1, 2], [0, 51, 102, 255]));
            File.WriteAllBytes(Path.Combine(folder, "train-labels-idx1-ubyte.gz"), IdxBytes.Gzip(IdxBytes.Of([2], [0, 1])));
            Assert.IsNull(DataSource.Open(folder).Test);

            File.WriteAllBytes(Path.Combine(folder, "t10k-images-idx3-ubyte"), IdxBytes.Of([1, 1, 2], [255, 255]));
            Assert.Contains("no file t10k-labels-idx1-ubyte", Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(folder)).Message);
            File.WriteAllBytes(Path.Combine(folder, "t10k-labels-idx1-ubyte"), IdxBytes.Of([1], [1]));
            (IDataset training, IDataset? test) = DataSource.Open(folder);
            Assert.AreSame(((IdxDataset)training).Statistics, ((IdxDataset)test!).Statistics);

            File.WriteAllBytes(Path.Combine(folder, "t10k-images-idx3-ubyte"), IdxBytes.Of([1, 2, 2], [0, 0, 0, 0]));
            Assert.AreEqual(
                $"{folder}: the test images are [1, 2, 2], the training images [1, 1, 2].",
                Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Open_SaysWhatWouldWork() => Assert.AreEqual(
        "--data nowhere: no such folder. Give a folder with idx files, 'fashion-mnist' or 'synthetic'.",
        Assert.ThrowsExactly<GraphRewriteException>(() => DataSource.Open("nowhere")).Message);

    private static int[] ClassCounts(IDataset dataset)
    {
        var counts = new int[10];
        var batch = new Batch(dataset, 1);
        for (int i = 0; i < dataset.Count; i++)
        {
            dataset.Fill([i], batch);
            counts[batch.Labels.Integers[0]]++;
        }
        return counts;
    }
}
