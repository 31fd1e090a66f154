using CsCheck;
using GraphRewrite.Gradients;
using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

[TestClass]
public sealed class OperatorGradientTests
{
    /// <summary>While an operator is worked on: TRACT_ROWS=Resize leaves the others out, TRACT_SAMPLES=1000 asks for more of each.</summary>
    private static readonly string Only = Environment.GetEnvironmentVariable("TRACT_ROWS") ?? "";

    private static readonly int Samples = int.TryParse(Environment.GetEnvironmentVariable("TRACT_SAMPLES"), out int samples) ? samples : 24;

    public static IEnumerable<object[]> Rows => OperatorRows.All.Select((row, i) => new object[] { row.ToString(), i })
        .Where(row => ((string)row[0]).Contains(Only, StringComparison.Ordinal));

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
        IEnumerable<OpId> differentiable = GradientRules.Table.Keys.Concat(GradientRules.SeveralOutputs.Keys);
        OpId[] untested = [.. differentiable.Where(op => !tested.Contains(op))];
        Assert.IsEmpty(untested, string.Join(", ", untested));
    }
}
