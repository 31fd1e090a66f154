using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Data.Sources;

/// <summary>Files that NumPy wrote (tools/make-image-truth.py).</summary>
[TestClass]
public sealed class ArraySetTests
{
    [TestMethod]
    public void Arrays_AreReadByType()
    {
        CollectionAssert.AreEqual(Enumerable.Range(0, 12).Select(i => i / 8f).ToArray(), Read("float.npy").ToExamples().Floats);
        CollectionAssert.AreEqual(new long[] { 4 }, Read("float.npy").ToExamples().Dims.ToArray());
        CollectionAssert.AreEqual(new[] { -2f, -1, 0, 1, 2, 3 }, Read("half.npy").ToExamples().Floats);
        CollectionAssert.AreEqual(new[] { 3, -1, 1L << 40 }, Read("long.npy").ToExamples().Integers);
    }

    [TestMethod]
    public void OtherLayouts_AreRefusedWithTheWayOut()
    {
        Refuses("fortran.npy", "its axes are in Fortran's order. Save it as numpy.ascontiguousarray(array).");
        Refuses("big-endian.npy", "holds >f4; plain numbers are taken: bool, integers of 8 to 64 bits, float16 to float64, little-endian. "
            + "Convert it with array.astype('float32') or 'int64'.");
        Refuses("picture.png", "is no NumPy array (.npy).");
        byte[] whole = File.ReadAllBytes(ImageTruth.File("float.npy"));
        Assert.AreEqual("x: truncated, 3 x 4 f8 are 96 bytes and 95 are there.",
            Assert.ThrowsExactly<GraphRewriteException>(() => NpyArray.Parse(whole[..^1], "x")).Message);

        static void Refuses(string file, string message) => Assert.AreEqual(
            $"{ImageTruth.File(file)}: {message}", Assert.ThrowsExactly<GraphRewriteException>(() => Read(file)).Message);
    }

    [TestMethod]
    public void Archive_HasPartsAndPixels()
    {
        DataParts parts = Open(ImageTruth.File("parts.npz"));
        Assert.AreEqual(6, parts.Training.Count);
        Assert.AreEqual(2, parts.Test!.Count);
        Assert.IsNull(parts.Validation);
        CollectionAssert.AreEqual(new long[] { 0, 1, 2, 0, 1, 2 }, parts.Training.Labels.Values.Integers);
        Assert.AreEqual(new ImageSize(3, 4, 5), ((ImageInputs)parts.Training.Inputs).Images.Size);
    }

    [TestMethod]
    public void FolderAndPair_AreTheSame()
    {
        using var folder = new TemporaryFolder();
        File.Copy(ImageTruth.File("float.npy"), folder.File("images.npy"));
        File.Copy(ImageTruth.File("long.npy"), folder.File("labels.npy"));
        foreach (DataParts parts in new[] { Open(folder.Path), Open($"{folder.File("images.npy")},{folder.File("labels.npy")}") })
        {
            Assert.AreEqual(3, parts.Training.Count);
            Assert.HasCount(12, ((ArrayInputs)parts.Training.Inputs).Arrays[0].Floats!);
        }
        Assert.AreEqual($"--data {folder.File("images.npy")}: is one array. Give examples and labels: --data {folder.File("images.npy")},LABELS.npy.",
            Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder.File("images.npy"))).Message);
        File.Delete(folder.File("labels.npy"));
        Assert.AreEqual($"{folder.Path}: holds images; expected are examples and labels: x and y, images and labels, x_train and y_train, ….",
            Assert.ThrowsExactly<GraphRewriteException>(() => Open(folder.Path)).Message);
    }

    [TestMethod]
    public void SeveralInputs_AreFoundByName()
    {
        using var folder = new TemporaryFolder();
        File.Copy(ImageTruth.File("float.npy"), folder.File("left.npy"));
        File.Copy(ImageTruth.File("long.npy"), folder.File("right.npy"));
        File.Copy(ImageTruth.File("long.npy"), folder.File("labels.npy"));
        DataParts parts = DataSource.Open(new DataChoice { Data = folder.Path }, ["left", "right", "labels"]);
        Assert.HasCount(2, ((ArrayInputs)parts.Training.Inputs).Arrays);
        File.Copy(ImageTruth.File("half.npy"), folder.File("other.npy"));
        var error = Assert.ThrowsExactly<GraphRewriteException>(
            () => DataSource.Open(new DataChoice { Data = folder.Path }, ["left", "missing", "labels"]));
        Assert.Contains("expected are arrays left, missing, labels (the model's inputs and labels)", error.Message);
    }

    private static NpyArray Read(string file) => NpyArray.Read(ImageTruth.File(file));

    private static DataParts Open(string path) => DataSource.Open(new DataChoice { Data = path }, ["x", "y"]);
}
