using GraphRewrite.Randomness;

namespace TrActOnnx.Tests.Randomness;

[TestClass]
public sealed class Pcg32Tests
{
    /// <summary>The first round of the reference implementation's demo (pcg32-demo, seed 42, stream 54).</summary>
    [TestMethod]
    public void Next_GivesTheReferenceNumbers()
    {
        var random = new Pcg32(42, 54);
        uint[] numbers = [random.Next(), random.Next(), random.Next(), random.Next(), random.Next(), random.Next()];
        CollectionAssert.AreEqual(new uint[] { 0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e }, numbers);
    }

    [TestMethod]
    public void Next_WithBound_IsUniform()
    {
        var counts = new int[7];
        var random = Pcg32.For(1, 2, 3);
        for (int i = 0; i < 70_000; i++) counts[random.Next(7)]++;
        // Chi-squared with 6 degrees of freedom: above 22.5 once in a thousand.
        double chi = counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000);
        Assert.IsLessThan(22.5, chi);
    }

    [TestMethod]
    public void NextNormal_HasMeanZeroAndVarianceOne()
    {
        // One number of each of many generators: it also shows that near indices are unrelated.
        double[] numbers = [.. Enumerable.Range(0, 100_000).Select(i => (double)Pcg32.For(5, 0, i).NextNormal())];
        double mean = numbers.Average(), variance = numbers.Average(x => x * x) - (mean * mean);
        // Four standard errors: 1/√N and √(2/N).
        Assert.AreEqual(0, mean, 0.0127);
        Assert.AreEqual(1, variance, 0.018);
    }
}
