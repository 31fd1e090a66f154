using System.IO.Compression;
using TrainingHost.Data.Sources;

namespace TrActOnnx.Tests.TrAct;

/// <summary>Inputs X [b, n] by their kind, from well to hopelessly conditioned; reproducible.</summary>
internal static class NumericInputs
{
    private const int Pixels = 784;

    public static IReadOnlyDictionary<string, Func<int, int, float[]>> Kinds { get; } = new Dictionary<string, Func<int, int, float[]>>
    {
        ["N(0, 1)"] = (b, n) => Floats(Gaussian(b * n, 1), x => x),
        ["pixels, standardised"] = (b, n) => Array.ConvertAll(RawPixels(b, n), x => (x - 73) / 90),
        ["pixels, 0 to 1"] = (b, n) => Array.ConvertAll(RawPixels(b, n), x => x / 255),
        ["pixels, 0 to 255"] = RawPixels,
        ["constant 0.5"] = (b, n) => Filled(b * n, 0.5f),
        ["constant 1"] = (b, n) => Filled(b * n, 1),
        ["constant 255"] = (b, n) => Filled(b * n, 255),
        ["constant 1e6"] = (b, n) => Filled(b * n, 1e6f),
        ["one channel 255"] = (b, n) => [.. Gaussian(b * n, 1).Select((x, i) => i % n == 3 ? 255f : (float)x)],
        ["rank 1 · 30"] = (b, n) => LowRank(b, n, 1, 30),
        ["rank 10 · 100"] = (b, n) => LowRank(b, n, 10, 100),
        ["scales 1e2 to 1e-2"] = (b, n) => [.. Gaussian(b * n, 5).Select((x, i) => (float)(x * Math.Pow(10, 2 - (4.0 * (i % n) / n))))],
        ["N(0, 1) · 1e20"] = (b, n) => Floats(Gaussian(b * n, 1), x => x * 1e20),
        ["zero"] = (b, n) => new float[b * n],
    };

    public static double[] Gaussian(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Radius() * Math.Cos(2 * Math.PI * random.NextDouble()))];

        double Radius() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
    }

    private static float[] Floats(double[] values, Func<double, double> map) => Array.ConvertAll(values, x => (float)map(x));

    private static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];

    /// <summary>n pixels of each of the first b images of Fashion-MNIST.</summary>
    private static float[] RawPixels(int b, int n)
    {
        using Stream stream = typeof(FashionMnist).Assembly.GetManifestResourceStream("fashion-mnist/train-images-idx3-ubyte.gz")!;
        using var images = new GZipStream(stream, CompressionMode.Decompress);
        images.ReadExactly(new byte[16]);
        byte[] bytes = new byte[b * Pixels];
        images.ReadExactly(bytes);
        return [.. Enumerable.Range(0, b * n).Select(i => (float)bytes[(i / n * Pixels) + (i % n * Pixels / n)])];
    }

    private static float[] LowRank(int b, int n, int rank, double scale)
    {
        double[] u = Gaussian(b * rank, 2), v = Gaussian(rank * n, 3);
        return [.. Enumerable.Range(0, b * n).Select(i => (float)(scale * Dot(i / n, i % n)))];

        double Dot(int row, int column) => Enumerable.Range(0, rank).Sum(k => u[(row * rank) + k] * v[(k * n) + column]);
    }
}
