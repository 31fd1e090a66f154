using GraphRewrite.Diagnostics;
using TrainingHost.Data.Sources;

namespace TrActOnnx.Tests.Data.Sources;

[TestClass]
public sealed class IdxFileTests
{
    private static readonly byte[] Good = IdxBytes.Of([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Read_GivesDimensionsAndData(bool gzip)
    {
        var file = IdxBytes.Read(gzip ? IdxBytes.Gzip(Good) : Good);
        CollectionAssert.AreEqual(new[] { 2, 2, 2 }, file.Dims.ToArray());
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, file.Data);
    }

    /// <summary>A file may end too early anywhere: it is refused, never read as a shorter one.</summary>
    [TestMethod]
    public void Read_RefusesEveryTruncation()
    {
        for (int length = 0; length < Good.Length; length++) Refused(Good[..length]);

        // Up to gzip's eight bytes of checksum and length and the end mark before them, without which all data is still there.
        byte[] packed = IdxBytes.Gzip(Good);
        for (int length = 0; length < packed.Length - 9; length++) Refused(packed[..length]);
        for (int length = packed.Length - 9; length < packed.Length; length++)
            CollectionAssert.AreEqual(IdxBytes.Read(Good).Data, IdxBytes.Read(packed[..length]).Data);

        static void Refused(byte[] cut) => Assert.ThrowsExactly<GraphRewriteException>(() => IdxBytes.Read(cut), $"{cut.Length} bytes");
    }

    [TestMethod]
    public void Read_SaysWhatIsWrong()
    {
        Refuses("x: truncated, its header says 2 x 2 x 2 = 8 bytes and fewer are there. Download the file again.", Good[..^1]);
        Refuses("x: there is more in it than the 2 x 2 x 2 bytes of its header. Give the unchanged idx files.", [.. Good, 0]);
        Refuses("x: begins with 89504E47, which is not an idx file of bytes (000008 and a rank from 1 to 4). Give the unchanged idx files.",
            [0x89, 0x50, 0x4e, 0x47, 0]);
        Refuses("x: dimension 1 of the header is 0; it must be positive.", IdxBytes.Of([2, 0], []));
        Refuses("x: dimension 0 of the header is -1; it must be positive.", IdxBytes.Of([-1], []));
        Refuses("x: the file ends before its header does. Download the file again.", Good[..9]);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [Timeout(20_000)]
    public void Read_OpensNoPipeAndNoDevice()
    {
        using var folder = new TemporaryFolder();
        string pipe = folder.File("train-images-idx3-ubyte");
        System.Diagnostics.Process.Start("mkfifo", [pipe]).WaitForExit();
        foreach ((string path, string kind) in new[] { (pipe, "pipe"), ("/dev/zero", "device") })
        {
            Assert.AreEqual(
                $"{path}: cannot be read (it is a {kind}, no file).", Assert.ThrowsExactly<GraphRewriteException>(() => IdxFile.Read(path)).Message);
        }
    }

    /// <summary>A small file must not make the program allocate what its header claims.</summary>
    [TestMethod]
    public void Read_RefusesAHugeClaimBeforeAllocating()
    {
        byte[] lie = IdxBytes.Of([int.MaxValue - 100], [1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuses("x: truncated, its header says 2147483547 = 2147483547 bytes and fewer are there. Download the file again.", lie);
        Refuses("x: truncated, its header says 2147483547 = 2147483547 bytes and fewer are there. Download the file again.", IdxBytes.Gzip(lie));
        Assert.IsLessThan(10_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        Refuses("x: 60000 x 60000 bytes are more than the 2 GB that one file may hold.", IdxBytes.Of([60_000, 60_000], [1]));
    }

    [TestMethod]
    public void Read_RefusesDamagedGzip()
    {
        byte[] damaged = IdxBytes.Gzip(Good);
        damaged[12] ^= 0xff;
        Assert.ThrowsExactly<GraphRewriteException>(() => IdxBytes.Read(damaged));
    }

    private static void Refuses(string message, byte[] bytes) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => IdxBytes.Read(bytes)).Message);
}
