using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrActOnnx.Tests.TrAct;

namespace TrActOnnx.Tests.Verification;

/// <summary>What the rewrite makes of the real artifacts is proved, in both forms.</summary>
[TestClass]
public sealed class RewrittenCasesTests
{
    public static IEnumerable<object[]> Cases => FirstLayerTests.Cases;

    public static IEnumerable<object[]> Forms =>
        from row in Cases
        from form in new[] { TrActForm.Automatic, TrActForm.Primal, TrActForm.Dual }
        select new object[] { row[0], form };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void TheStructureHolds(string name, TrActForm form)
    {
        VerificationReport report = new RewrittenCase(name, form).Structure(lambda: 0.1).Report;
        Assert.IsTrue(report.Holds, report.ToString());
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TheNumbersHold(string name)
    {
        var rewritten = new RewrittenCase(name);
        string[] missing = [.. rewritten.Before.Graph.Nodes.Where(IsTrainingOnly).Select(node => node.Op.ToString()).Distinct()];
        if (missing.Length > 0) Skipped.Because($"needs lowerings of {string.Join(", ", missing)}");
        VerificationReport report = rewritten.Numbers();
        Assert.IsTrue(report.Holds, report.ToString());
    }

    [TestMethod]
    [DataRow("mlp")]
    public void AnUnchangedGraphIsNoRewrite(string name)
    {
        (Model before, _, _) = FirstLayerTests.Artifact(name);
        (Model after, _, _) = FirstLayerTests.Artifact(name);
        VerificationReport report = StructuralVerification.Run(before, after).Report;
        Assert.IsFalse(report.Holds);
        StringAssert.Contains(report.ToString(), "AFTER records no layers", StringComparison.Ordinal);
        Assert.IsTrue(report.Checks.Single(check => check.Claim.StartsWith("outside", StringComparison.Ordinal)).Holds, report.ToString());
    }

    private static bool IsTrainingOnly(Node node) => node.Op.Domain == OpId.Microsoft && !LoweringRules.Table.ContainsKey(node.Op)
        && !ParameterGradients.IsAccumulator(node) && node.Op.Type is not ("Inverse" or "FusedMatMul" or "Gelu" or "QuickGelu");
}
