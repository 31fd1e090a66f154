using TrainingHost.Commands;

namespace TrActOnnx.Tests.Commands;

[TestClass]
public sealed class OpsCommandTests
{
    /// <summary>docs/operators.md ends with what ops prints.</summary>
    [TestMethod]
    public void DocumentIsUpToDate()
    {
        var output = new StringWriter();
        Assert.AreEqual(0, CommandLine.Run(["ops"], output, Console.Error));
        string document = File.ReadAllText(Path.Combine(TestData.Root, "..", "docs", "operators.md"));
        Assert.EndsWith(output.ToString(), document, "run: dotnet run --project TrainingHost -c Release -- ops");
    }
}
