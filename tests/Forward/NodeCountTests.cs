namespace TrActOnnx.Tests.Forward;

/// <summary>Our backward passes are as lean as those of ONNX Runtime Training.</summary>
[TestClass]
public sealed class NodeCountTests
{
    private const double Bound = 1.3;

    public static IEnumerable<object[]> Cases => NodeCounts.Cases.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void BackwardIsNotLonger(string name)
    {
        var counts = NodeCounts.Of(name);
        Assert.IsGreaterThan(0, counts.Ours);
        Assert.IsLessThanOrEqualTo(Bound, counts.Ratio, counts.ToString());
    }

    /// <summary>docs/node-counts.md ends with the table of these counts; a failure says the whole table, to be put there.</summary>
    [TestMethod]
    public void DocumentIsUpToDate()
    {
        string table = string.Concat(NodeCounts.Cases.Select(name => $"{NodeCounts.Of(name)}\n"));
        string document = File.ReadAllText(Path.Combine(TestData.Root, "..", "docs", "node-counts.md"));
        Assert.EndsWith($"| --- | ---: | ---: | ---: |\n{table}", document, $"replace the rows of docs/node-counts.md by:\n{table}");
    }
}
