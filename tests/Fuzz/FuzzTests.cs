using GraphRewrite.Diagnostics;

namespace TrActOnnx.Tests.Fuzz;

/// <summary>
/// The quick part of tools/fuzz: two thousand damaged files through every way in. None may end in anything but a result or a refusal.
/// </summary>
[TestClass]
public sealed class FuzzTests
{
    private const int Seed = 17;

    /// <summary>Of the million that tools/fuzz does, every so many is done here.</summary>
    private const int Part = 500;

    /// <summary>As in tools/fuzz: a declaration of a few bytes may ask for gigabytes, which the limits refuse.</summary>
    [TestInitialize]
    public void SetLimits() => Limit(20_000, 50_000_000);

    [TestCleanup]
    public void ResetLimits() => Limit(null, null);

    public static IEnumerable<object[]> Targets => FuzzTarget.All.Select(target => new object[] { target.Name });

    [TestMethod]
    [DynamicData(nameof(Targets))]
    public void DamagedFilesAreReadOrRefused(string name)
    {
        FuzzTarget target = FuzzTarget.All.Single(target => target.Name == name);
        var run = new FuzzRun(target, Seed);
        var counts = new int[3];
        var strays = new List<string>();
        for (int i = 0; i < target.Share / Part; i++)
        {
            (Outcome outcome, string where) = run.One(i);
            counts[(int)outcome]++;
            if (outcome == Outcome.Stray) strays.Add($"mutation {i}: {where}");
        }
        Assert.AreEqual("", string.Join('\n', strays.Take(10)));
        Assert.IsGreaterThan(0, counts[(int)Outcome.Accepted], "Everything is refused: the damage is total.");
        Assert.IsGreaterThan(0, counts[(int)Outcome.Refused], "Nothing is refused: the damage misses.");
    }

    private static void Limit(long? nodes, long? bytes)
    {
        AppContext.SetData(Limits.KeyOf(Setting.MaxNodes), nodes);
        AppContext.SetData(Limits.KeyOf(Setting.MaxConstantBytes), bytes);
    }
}
