using TrainingHost.Benchmarks;

namespace TrActOnnx.Tests.Benchmarks;

/// <summary>What is left of a failed process: one line, its exit code, no stack trace.</summary>
[TestClass]
public sealed class ProcessFailedTests
{
    private const string Name = "process 2 of 3";

    [TestMethod]
    [DataRow("--epsilon: SGD has no such constant.\n", "--epsilon: SGD has no such constant.", DisplayName = "its own line")]
    [DataRow("a warning\r\nm.onnx: no.\r\n", "m.onnx: no.", DisplayName = "behind a warning")]
    [DataRow("", $"bench: {Name} ended with exit code 7 and said nothing.", DisplayName = "nothing")]
    [DataRow("Unhandled exception. System.Exception: Out of luck.\n   at Program.Main()\n   at X.Y()\n",
        $"bench: {Name} crashed: System.Exception: Out of luck.", DisplayName = "a crash")]
    public void SaysWhyInOneLine(string errors, string message)
    {
        var error = ProcessFailedException.Of(Name, 7, errors);
        Assert.AreEqual(message, error.Message);
        Assert.AreEqual(7, error.ExitCode);
    }
}
