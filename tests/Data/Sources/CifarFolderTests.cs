using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Data.Sources;

[TestClass]
public sealed class CifarFolderTests
{
    [TestMethod]
    public void Ten_ReadsAllBatchesAndTheNames()
    {
        using var folder = new TemporaryFolder();
        string inner = Directory.CreateDirectory(folder.File("cifar-10-batches-bin")).FullName;
        for (int i = 1; i <= 5; i++)
            File.WriteAllBytes(Path.Combine(inner, $"data_batch_{i}.bin"), [.. Record([(byte)i], i), .. Record([9], i + 50)]);
        File.WriteAllBytes(Path.Combine(inner, "test_batch.bin"), Record([7], 77));
        File.WriteAllText(Path.Combine(inner, "batches.meta.txt"), "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
        DataParts parts = Open(folder.Path);
        CollectionAssert.AreEqual(new long[] { 1, 9, 2, 9, 3, 9, 4, 9, 5, 9 }, parts.Training.Labels.Values.Integers);
        Assert.AreEqual("truck", parts.Training.Labels.ClassNames![9]);
        Assert.AreEqual(1, parts.Test!.Count);
        // Red, green and blue planes of the file are a pixel's three bytes.
        PixelImage image = ((ImageInputs)parts.Training.Inputs).Images.Load(2);
        Assert.AreEqual(new ImageSize(3, 32, 32), image.Size);
        CollectionAssert.AreEqual(new byte[] { 2, 102, 202, 3, 103, 203 }, image.Pixels[..6].ToArray());
    }

    [TestMethod]
    public void Hundred_TakesTheFineLabel()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("train.bin"), [.. Record([19, 33], 1), .. Record([2, 99], 2)]);
        DataParts parts = Open(folder.Path);
        CollectionAssert.AreEqual(new long[] { 33, 99 }, parts.Training.Labels.Values.Integers);
        Assert.IsNull(parts.Test);
    }

    [TestMethod]
    public void Damage_AndThePythonVersion_AreSaid()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("data_batch_1"), [1]);
        Assert.AreEqual(
            $"{folder.Path}: holds CIFAR as Python objects. Give its binary version (cifar-10-binary.tar.gz), unpacked.", Message(folder.Path));
        File.WriteAllBytes(folder.File("data_batch_1.bin"), Record([1], 0)[..3000]);
        Assert.AreEqual($"{folder.File("data_batch_1.bin")}: 3000 bytes are no whole records of 3073 (labels and a 3 x 32 x 32 image). "
            + "Download the file again.", Message(folder.Path));

        static string Message(string path) => Assert.ThrowsExactly<GraphRewriteException>(() => Open(path)).Message;
    }

    private static DataParts Open(string path) => DataSource.Open(new DataChoice { Data = path }, ["x", "y"]);

    /// <summary>Pixel i of the red plane is first + i, green 100 more, blue 200 more.</summary>
    private static byte[] Record(byte[] labels, int first) =>
        [.. labels, .. Enumerable.Range(0, 3072).Select(i => (byte)(first + (i % 1024) + (i / 1024 * 100)))];
}
