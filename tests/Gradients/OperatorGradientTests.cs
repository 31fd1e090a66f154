using CsCheck;

namespace TrActOnnx.Tests.Gradients;

[TestClass]
public sealed class OperatorGradientTests
{
    private const int Samples = 24;

    public static IEnumerable<object[]> Rows => OperatorRows.All.Select((row, i) => new object[] { row.ToString(), i });

    /// <summary>The gradient of every operator on random shapes, attributes and broadcasts is what finite differences say.</summary>
    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void EqualsFiniteDifferences(string name, int row) =>
        Gen.Int[0, 1_000_000].Sample(seed => GradientCheck.Run(OperatorRows.All[row], seed), iter: Samples, threads: 1);

    /// <summary>Every operator with a gradient rule is in the table of rows.</summary>
    [TestMethod]
    public void EveryRuleHasARow()
    {
        HashSet<GraphRewrite.IR.OpId> tested = [.. OperatorRows.All.Select(row => row.Op), .. OperatorRows.TestedElsewhere];
        GraphRewrite.IR.OpId[] untested = [.. GraphRewrite.Gradients.GradientRules.Table.Keys.Concat(GraphRewrite.Gradients.GradientRules.SeveralOutputs.Keys).Where(op => !tested.Contains(op))];
        Assert.IsEmpty(untested, string.Join(", ", untested));
    }
}
