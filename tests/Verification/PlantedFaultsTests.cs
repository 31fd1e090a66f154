using GraphRewrite.Verification;

namespace TrActOnnx.Tests.Verification;

/// <summary>One thing is wrong in a rewritten artifact; verify says what and where.</summary>
[TestClass]
public sealed class PlantedFaultsTests
{
    private static IEnumerable<PlantedFault> OfStructure => PlantedFault.Structural.Concat(PlantedFault.Hidden);

    public static IEnumerable<object[]> Structural => OfStructure.Select(fault => new object[] { fault.Name });

    public static IEnumerable<object[]> Numerical => PlantedFault.Numerical.Select(fault => new object[] { fault.Name });

    [TestMethod]
    [DynamicData(nameof(Structural))]
    public void TheStructureTellsWhere(string name)
    {
        PlantedFault fault = OfStructure.Single(f => f.Name == name);
        var rewritten = new RewrittenCase(fault.Case, fault.Form);
        fault.Plant(rewritten.After);
        AssertFound(rewritten.Structure().Report, fault.Says);
    }

    [TestMethod]
    [DynamicData(nameof(Numerical))]
    public void TheNumbersTellWhere(string name)
    {
        PlantedFault fault = PlantedFault.Numerical.Single(f => f.Name == name);
        var rewritten = new RewrittenCase(fault.Case, fault.Form);
        fault.Plant(rewritten.After);
        StructuralVerification structure = rewritten.Structure();
        Assert.IsTrue(structure.HoldsOutside, structure.Report.ToString());
        AssertFound(structure.Report, [$"of layer '"]);
        AssertFound(rewritten.Numbers(), fault.Says);
    }

    [TestMethod]
    public void AnotherLambdaThanTheOneAskedForIsFound() =>
        AssertFound(new RewrittenCase("lenet").Structure(lambda: 0.2).Report, ["AFTER was made with λ = 0.1, not with 0.2"]);

    [TestMethod]
    [DataRow("checkpoint", false, "checkpoint: ")]
    [DataRow("optimizer_model.onnx", false, "the first difference at byte 100")]
    [DataRow("eval_model.onnx", true, "eval_model.onnx: missing in AFTER")]
    public void OtherFilesMustBeTheSame(string file, bool remove, string says)
    {
        string before = TestData.Case("mlp");
        string after = Directory.CreateTempSubdirectory("verify").FullName;
        try
        {
            foreach (string path in Directory.EnumerateFiles(before)) File.Copy(path, Path.Combine(after, Path.GetFileName(path)));
            Assert.IsTrue(CopiedFiles.Compare(before, after).Holds);
            string changed = Path.Combine(after, file);
            byte[] bytes = File.ReadAllBytes(changed);
            bytes[100] ^= 1;
            if (remove) File.Delete(changed);
            else File.WriteAllBytes(changed, bytes);
            AssertFound(new([CopiedFiles.Compare(before, after)]), [says]);
        }
        finally
        {
            Directory.Delete(after, recursive: true);
        }
    }

    private static void AssertFound(VerificationReport report, string[] says)
    {
        Assert.IsFalse(report.Holds);
        foreach (string part in says)
            Assert.IsTrue(report.Differences.Any(difference => difference.Contains(part, StringComparison.Ordinal)), $"expected: {part}\n{report}");
    }
}
