using GraphRewrite.Diagnostics;
using GraphRewrite.Verification;

namespace TrActOnnx.Tests.Verification;

[TestClass]
public sealed class CopiedFilesTests
{
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [Timeout(20_000)]
    [DataRow(true)]
    [DataRow(false)]
    public void APipeIsNotOpened(bool isBefore)
    {
        using TemporaryFolder before = TemporaryFolder.CopyOf(TestData.Case("mlp_sgd")), after = TemporaryFolder.CopyOf(TestData.Case("mlp_sgd"));
        string pipe = (isBefore ? before : after).File("checkpoint");
        File.Delete(pipe);
        System.Diagnostics.Process.Start("mkfifo", [pipe]).WaitForExit();
        Assert.AreEqual(
            $"{pipe}: cannot be read (it is a pipe, no file).",
            Assert.ThrowsExactly<GraphRewriteException>(() => CopiedFiles.Compare(before.Path, after.Path)).Message);
    }
}
