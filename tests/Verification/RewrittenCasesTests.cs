using GraphRewrite.IR;
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

    [TestMethod]
    [DataRow("mlp")]
    [DataRow("wide")]
    [DataRow("seqmlp")]
    [DataRow("siamese")]
    public void TheNumbersOfTheDualFormHold(string name)
    {
        VerificationReport report = new RewrittenCase(name, TrActForm.Dual).Numbers();
        Assert.IsTrue(report.Holds, report.ToString());
    }

    [TestMethod]
    [DataRow("groupdil", new long[] { 1, 3 })]
    [DataRow("conv1d", new long[] { 2, 4 })]
    [DataRow("resnet18_stem7", new long[] { 2 })]
    public void TheNumbersOfTheDualFormHoldForConv(string name, long[] batches)
    {
        VerificationReport report = new RewrittenCase(name, TrActForm.Dual).Numbers(batches);
        Assert.IsTrue(report.Holds, report.ToString());
    }

    [TestMethod]
    [DataRow("twotower", 0.1, new[] { "conv.weight", "lin.weight" })]
    [DataRow("lenet", 1, new[] { "/conv*" })]
    [DataRow("seqmlp", 0.01, new[] { "l2.weight" })]
    [DataRow("siamese", 0.001, new[] { "enc.0.weight", "out.weight" })]
    [DataRow("resnet18_w8", 10, new[] { "*" })]
    public void NamedLayersHold(string name, double lambda, string[] layers)
    {
        var rewritten = new RewrittenCase(name, TrActForm.Automatic, lambda, layers);
        VerificationReport report = rewritten.Structure(lambda).Report + rewritten.Numbers();
        Assert.IsTrue(report.Holds, report.ToString());
    }

    [TestMethod]
    public void TheReportIsForPeople()
    {
        var rewritten = new RewrittenCase("siamese");
        string text = (rewritten.Structure().Report + rewritten.Numbers()).ToString();
        StringAssert.StartsWith(text, "holds  inputs and outputs keep names, order and types (16 inputs, 7 outputs)\n", StringComparison.Ordinal);
        StringAssert.Contains(text, "holds  the recorded layers are layers of BEFORE ('/enc/enc.0/Gemm', '/enc/enc.0_1/Gemm')\n",
            StringComparison.Ordinal);
        StringAssert.Contains(text, "holds  exactly the recorded layers' gradients depend on λ ('enc.0.weight')\n", StringComparison.Ordinal);
        StringAssert.Contains(text, "holds  batch 24: 2 new gradients equal dYᵀX (XᵀX/b + λI)⁻¹ in float64 (largest deviation ",
            StringComparison.Ordinal);
        StringAssert.EndsWith(text, "Proved: nothing but the rewritten weight gradients changed.", StringComparison.Ordinal);
    }
}
