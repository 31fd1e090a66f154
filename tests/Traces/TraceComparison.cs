using GraphRewrite.IR;

namespace TrActOnnx.Tests.Traces;

/// <summary>Comparisons against the largest entry of the true tensor.</summary>
internal static class TraceComparison
{
    /// <summary>A running mean that is zero in exact arithmetic has nothing else to be held against.</summary>
    private const double SmallestStatistic = 0.01;

    /// <summary>
    /// Of the model's largest gradient: with a bound of 1e-4, 2e-7 of that, three roundings of a float. It is single precision's own noise: PyTorch's
    /// float32 gradient of mobilenet's `body.0.f.1.weight` (truly 1e-5 of the largest) is off by 0.81e-7 of the largest, ours by 0.6e-7 to 1.1e-7,
    /// whichever formulations compute it.
    /// </summary>
    private const double Cancelled = 2e-3;

    public static void Losses(Tensor truth, Tensor trace, double firstBound, double bound)
    {
        double[] expected = truth.ToDouble(), actual = trace.ToDouble();
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Within(actual[i], expected[i], Math.Abs(expected[i]) * (i == 0 ? firstBound : bound), $"loss of step {i}");
    }

    /// <summary>The largest relative deviation of a loss.</summary>
    public static double Deviation(Tensor truth, Tensor trace) =>
        truth.ToDouble().Zip(trace.ToDouble()).Max(pair => Math.Abs(pair.First - pair.Second) / Math.Abs(pair.First));

    public static void Scalar(Tensor truth, Tensor trace, double bound)
    {
        double expected = truth.ToDouble()[0];
        Within(trace.ToDouble()[0], expected, Math.Abs(expected) * bound, "evaluation loss");
    }

    /// <summary>
    /// A gradient that is small beside the model's largest is what is left of sums that cancel (a bias before BatchNormalization, a scale that a later
    /// BatchNormalization takes out): it is held against a part of the largest.
    /// </summary>
    public static void Gradients(OrderedDictionary<string, Tensor> truth, string kind, OrderedDictionary<string, Tensor> trace, double bound)
    {
        string prefix = $"{kind}/grad/";
        double largestOfAll = LargestGradient(truth, kind);
        foreach ((string key, Tensor expected) in truth.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            double largest = Largest(expected);
            Tensors(trace[key[$"{kind}/".Length..]], expected, bound * Math.Max(largest, Cancelled * largestOfAll), key);
        }
    }

    /// <summary>
    /// AdamW moves an entry by lr · m/√v, which a relative error of its gradient reaches undiminished: an entry whose gradient is small beside the
    /// tensor's largest, against which gradients are held, has that much more room, at most a step to the other side.
    /// </summary>
    public static void After(OrderedDictionary<string, Tensor> truth, string kind,
        OrderedDictionary<string, Tensor> trace, double largestChange, double bound, double? adamGradient)
    {
        double largestOfAll = LargestGradient(truth, kind);
        foreach ((string key, Tensor expected) in truth.Where(pair => pair.Key.StartsWith($"{kind}/after/", StringComparison.Ordinal)))
        {
            double least = key.Contains("running_", StringComparison.Ordinal) ? SmallestStatistic : largestChange;
            double held = bound * Math.Max(Largest(expected), least);
            double[]? gradient = adamGradient is null ? null
                : truth.GetValueOrDefault(key.Replace("/after/", "/grad/", StringComparison.Ordinal))?.ToDouble();
            double error = (adamGradient ?? 0) * Math.Max(gradient?.Max(Math.Abs) ?? 0, 1e-3 * largestOfAll);
            Tensors(trace[key[$"{kind}/".Length..]], expected, i => gradient is null ? held
                : Math.Max(held, largestChange * Math.Min(2, error / Math.Abs(gradient[i]))), key);
        }
    }

    private static double LargestGradient(OrderedDictionary<string, Tensor> truth, string kind) =>
        truth.Where(pair => pair.Key.StartsWith($"{kind}/grad/", StringComparison.Ordinal)).Max(pair => Largest(pair.Value));

    private static void Tensors(Tensor actual, Tensor expected, double bound, string what) => Tensors(actual, expected, _ => bound, what);

    private static void Tensors(Tensor actual, Tensor expected, Func<int, double> bound, string what)
    {
        CollectionAssert.AreEqual(expected.Dims.ToArray(), actual.Dims.ToArray(), what);
        double[] a = actual.ToDouble(), e = expected.ToDouble();
        for (int i = 0; i < a.Length; i++)
            Assert.IsTrue(Math.Abs(a[i] - e[i]) <= bound(i),
                $"{what}: entry {i} is {a[i]}, expected {e[i]}, off by {Math.Abs(a[i] - e[i]):g3}, bound {bound(i):g3}");
    }

    private static void Within(double actual, double expected, double bound, string what) =>
        Assert.IsLessThanOrEqualTo(bound, double.IsFinite(actual) ? Math.Abs(actual - expected)
            : double.PositiveInfinity, $"{what}: {actual} instead of {expected}");

    private static double Largest(Tensor tensor) => tensor.ToDouble().Select(Math.Abs).DefaultIfEmpty().Max();
}
