using GraphRewrite.IR;

namespace TrActOnnx.Tests.TrAct;

/// <summary>How far two results are apart, measured by the largest entry; and reproducible random data.</summary>
internal static class Deviation
{
    public static void AssertWithin(double[] expected, double[] found, double bound)
    {
        Assert.HasCount(expected.Length, found);
        double largest = expected.Max(Math.Abs);
        double worst = expected.Zip(found, (e, f) => Math.Abs(e - f)).Max() / largest;
        Assert.IsLessThan(bound, double.IsNaN(worst) ? double.PositiveInfinity : worst);
    }

    public static Tensor Random(long[] dims, int seed)
    {
        var random = new Random(seed);
        return Tensor.Of(
            dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (p, d) => p * d)).Select(_ => (float)((random.NextDouble() * 2) - 1))]);
    }
}
