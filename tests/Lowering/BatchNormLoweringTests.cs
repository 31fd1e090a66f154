namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class BatchNormLoweringTests
{
    private const double Epsilon = 1e-3;

    public static IEnumerable<object[]> Shapes =>
    [
        [new long[] { 7, 3 }, 0.0],
        [new long[] { 4, 3, 5 }, 0.0],
        [new long[] { 2, 4, 3, 5 }, 0.0],
        [new long[] { 2, 2, 3, 2, 2 }, 0.0],
        [new long[] { 3, 2, 4, 4 }, 30.0],
        [new long[] { 2, 2, 256 }, 0.0], // wide images, of which a depthwise Conv takes care
        [new long[] { 1, 3, 16, 17 }, 0.0],
        [new long[] { 1, 2, 8, 8, 4 }, 0.0],
        [new long[] { 1, 2, 4, 4, 4, 4 }, 0.0], // of more axes than Conv has
    ];

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void ForwardUpdatesTheStatisticsAsPyTorch(long[] dims, double offset)
    {
        var random = new Random(11);
        Array64 x = Array64.Normal(random, dims).Map(v => (float)(v + offset));
        Array64 gamma = Array64.Normal(random, dims[1]), beta = Array64.Normal(random, dims[1]), mean = Array64.Normal(random, dims[1]);
        Array64 variance = Array64.Normal(random, dims[1]).Map(v => (float)Math.Exp(v));
        (Array64 mu, Array64 sigma2) = Statistics(x);
        double n = x.Data.Length / (double)dims[1];
        Array64?[] expected =
        [
            // y's digits end where x's do: an offset costs some, in any float32 kernel
            offset == 0 ? Normalize(x, gamma, beta) : null,
            mean.Map(v => 0.7 * v) + mu.Map(v => 0.3 * v),
            variance.Map(v => 0.7 * v) + sigma2.Map(v => 0.3 * v * n / (n - 1)),
            mu,
            sigma2.Map(v => 1 / Math.Sqrt(v + Epsilon)),
        ];
        LoweringCheck.Agrees("com.microsoft::BatchNormInternal",
            [x.ToFloat(), gamma.ToFloat(), beta.ToFloat(), mean.ToFloat(), variance.ToFloat()], expected,
            ("epsilon", (float)Epsilon), ("momentum", 0.7f), ("training_mode", 1));
    }

    [TestMethod]
    [DynamicData(nameof(Shapes))]
    public void BackwardIsTheDerivativeOfTheForward(long[] dims, double offset)
    {
        var random = new Random(12);
        Array64 x = Array64.Normal(random, dims).Map(v => (float)(v + offset));
        (Array64 gamma, Array64 beta, Array64 dY) = (Array64.Normal(random, dims[1]), Array64.Normal(random, dims[1]), Array64.Normal(random, dims));
        (Array64 mu, Array64 sigma2) = Statistics(x);
        Array64?[] expected =
        [
            LoweringCheck.Gradient(v => Normalize(v, gamma, beta), x, dY),
            LoweringCheck.Gradient(v => Normalize(x, v, beta), gamma, dY),
            LoweringCheck.Gradient(v => Normalize(x, gamma, v), beta, dY),
        ];
        LoweringCheck.Agrees("com.microsoft::BatchNormalizationGrad",
            [dY.ToFloat(), x.ToFloat(), gamma.ToFloat(), mu.ToFloat(), sigma2.Map(v => 1 / Math.Sqrt(v + Epsilon)).ToFloat()],
            expected, ("epsilon", (float)Epsilon));
    }

    private static Array64 Normalize(Array64 x, Array64 gamma, Array64 beta)
    {
        long[] channels = [gamma.Dims[0], .. Enumerable.Repeat(1L, x.Rank - 2)];
        (Array64 mu, Array64 sigma2) = Statistics(x);
        Array64 deviation = sigma2.Map(v => Math.Sqrt(v + Epsilon));
        return ((x - mu.Reshape(channels)) / deviation.Reshape(channels) * gamma.Reshape(channels)) + beta.Reshape(channels);
    }

    private static (Array64 Mean, Array64 Variance) Statistics(Array64 x)
    {
        int[] axes = [0, .. Enumerable.Range(2, x.Rank - 2)];
        Array64 mean = x.Mean(axes);
        Array64 centerd = x - mean;
        return (mean.Reshape(x.Dims[1]), (centerd * centerd).Mean(axes).Reshape(x.Dims[1]));
    }
}
