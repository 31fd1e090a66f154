using GraphRewrite.IR;
using GraphRewrite.Losses;

namespace TrActOnnx.Tests.Losses;

/// <summary>
/// torch.nn.CrossEntropyLoss in float64, with all its options combined: the loss of an example is −Σ_c q_c ln softmax(x)_c, its gradient
/// softmax(x) Σ_c q_c − q.
/// </summary>
[TestClass]
public sealed class CrossEntropyLossTests
{
    /// <summary>[examples, classes] and [examples, classes, height, width].</summary>
    private static readonly long[][] Shapes = [[9, 5], [3, 4, 3, 2]];

    /// <summary>No option is given.</summary>
    private const long None = long.MinValue;

    public static IEnumerable<object[]> Indices =>
        from dims in Shapes
        from reduction in new[] { LossReduction.Mean, LossReduction.Sum }
        from smoothing in new[] { 0f, 0.1f }
        from weighted in new[] { false, true }
        from ignored in new[] { None, 2, -100 }
        select new object[] { dims, reduction, smoothing, weighted, ignored };

    public static IEnumerable<object[]> Probabilities =>
        from dims in Shapes
        from reduction in new[] { LossReduction.Mean, LossReduction.Sum }
        from smoothing in new[] { 0f, 0.1f }
        from weighted in new[] { false, true }
        select new object[] { dims, reduction, smoothing, weighted };

    /// <summary>
    /// q_c = (1 − ε) w_t [c = t] + ε w_c / C; ignored examples give nothing, and a mean is over the sum of the other labels' weights.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Indices))]
    public void OfClassIndices(long[] dims, LossReduction reduction, float smoothing, bool weighted, long ignored)
    {
        var random = new Random(5);
        int classes = (int)dims[1];
        Array64 x = Array64.Normal(random, dims);
        double[] weights = Weights(weighted, classes);
        long[] labelDims = [dims[0], .. dims[2..]];
        int examples = (int)labelDims.Aggregate(1L, (a, b) => a * b);
        long[] labels = [.. Enumerable.Range(0, examples).Select(i => ignored != None && i % 3 == 1 ? ignored : random.NextInt64(classes))];
        double divisor = reduction == LossReduction.Sum ? 1 : labels.Where(label => label != ignored).Sum(label => weights[label]);

        LossNumbers expected = CrossEntropy(x, (example, c) => labels[example] == ignored ? 0
            : (((labels[example] == c ? (1 - smoothing) * weights[c] : 0) + (smoothing / (double)classes * weights[c])) / divisor));
        var loss = new CrossEntropyLoss
        {
            Reduction = reduction,
            LabelSmoothing = smoothing,
            ClassWeights = weighted ? [.. weights.Select(weight => (float)weight)] : null,
            IgnoreIndex = ignored == None ? null : ignored,
        };
        LossRun.Holds(expected, loss, x.ToFloat(), Tensor.Of(labelDims, labels));
    }

    /// <summary>q_c = w_c ((1 − ε) p_c + ε / C); a mean is over the examples.</summary>
    [TestMethod]
    [DynamicData(nameof(Probabilities))]
    public void OfProbabilities(long[] dims, LossReduction reduction, float smoothing, bool weighted)
    {
        var random = new Random(6);
        int classes = (int)dims[1];
        Array64 x = Array64.Normal(random, dims), drawn = Array64.Normal(random, dims).Map(Math.Exp);
        Tensor labels = (drawn / drawn.Sum(1)).ToFloat();
        var p = Array64.Of(labels);
        double[] weights = Weights(weighted, classes);
        double divisor = reduction == LossReduction.Sum ? 1 : x.Data.Length / classes;

        LossNumbers expected = CrossEntropy(x, (example, c) =>
            weights[c] * (((1 - smoothing) * p.Data[At(dims, example, c)]) + (smoothing / (double)classes)) / divisor);
        var loss = new CrossEntropyLoss
        {
            Reduction = reduction,
            LabelSmoothing = smoothing,
            ClassWeights = weighted ? [.. weights.Select(weight => (float)weight)] : null,
            SoftTargets = true,
        };
        LossRun.Holds(expected, loss, x.ToFloat(), labels);
    }

    /// <summary>Weights that float32 holds exactly.</summary>
    private static double[] Weights(bool weighted, int classes) => [.. Enumerable.Range(0, classes).Select(c => weighted ? 0.5 + (0.75 * c) : 1)];

    /// <summary>The place of an example's class: examples are the positions without the class axis, in order.</summary>
    private static int At(long[] dims, int example, int c)
    {
        int places = (int)dims[2..].Aggregate(1L, (a, b) => a * b);
        return (((example / places * (int)dims[1]) + c) * places) + (example % places);
    }

    /// <param name="x">The logits.</param>
    /// <param name="q">What −ln softmax(x)_c of an example counts, by example and class.</param>
    private static LossNumbers CrossEntropy(Array64 x, Func<int, int, double> q)
    {
        int classes = (int)x.Dims[1];
        double loss = 0;
        var dX = new double[x.Data.Length];
        for (int example = 0; example < x.Data.Length / classes; example++)
        {
            double[] logits = [.. Enumerable.Range(0, classes).Select(c => x.Data[At(x.Dims, example, c)])];
            double[] counts = [.. Enumerable.Range(0, classes).Select(c => q(example, c))];
            double normalizer = Math.Log(logits.Sum(Math.Exp)), sum = counts.Sum();
            for (int c = 0; c < classes; c++)
            {
                loss -= counts[c] * (logits[c] - normalizer);
                dX[At(x.Dims, example, c)] = (Math.Exp(logits[c] - normalizer) * sum) - counts[c];
            }
        }
        return new(loss, dX);
    }
}
