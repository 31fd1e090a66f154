using GraphRewrite.IR;
using GraphRewrite.Losses;

namespace TrActOnnx.Tests.Losses;

/// <summary>Losses that are a sum over elements, against PyTorch's definitions in float64.</summary>
[TestClass]
public sealed class ElementwiseLossTests
{
    /// <summary>Of an element's prediction x and its label t.</summary>
    private delegate double Formula(double x, double t);

    /// <summary>The same for class c.</summary>
    private delegate double ClassFormula(double x, double t, int c);

    private static readonly long[][] Shapes = [[7, 5], [2, 3, 4, 2]];

    private static double Clamped(double x, double limit) => Math.Clamp(x, -limit, limit);

    public static IEnumerable<object[]> Reductions =>
        from reduction in new[] { LossReduction.Mean, LossReduction.Sum }
        from shape in Shapes
        select new object[] { reduction, shape };

    public static IEnumerable<object[]> Divergences => Reductions.Concat(Shapes.Select(shape => new object[] { LossReduction.BatchMean, shape }));

    public static IEnumerable<object[]> Thresholds =>
        from row in Reductions
        from threshold in new[] { 0.5f, 1f, 2.5f }
        select new object[] { row[0], row[1], threshold };

    /// <summary>torch.nn.HuberLoss(delta): e²/2 where |e| &lt; δ, δ (|e| − δ/2) beyond.</summary>
    [TestMethod]
    [DynamicData(nameof(Thresholds))]
    public void Huber(LossReduction reduction, long[] dims, float delta) => Holds(
        new HuberLoss { Delta = delta, Reduction = reduction }, dims, Real,
        (x, t) => Math.Abs(x - t) < delta ? (x - t) * (x - t) / 2 : delta * (Math.Abs(x - t) - (delta / 2.0)),
        (x, t) => Clamped(x - t, delta));

    /// <summary>torch.nn.SmoothL1Loss(beta): e²/(2β) where |e| &lt; β, |e| − β/2 beyond.</summary>
    [TestMethod]
    [DynamicData(nameof(Thresholds))]
    public void SmoothL1(LossReduction reduction, long[] dims, float beta) => Holds(
        new HuberLoss { Delta = beta, IsSmoothL1 = true, Reduction = reduction }, dims, Real,
        (x, t) => Math.Abs(x - t) < beta ? (x - t) * (x - t) / (2 * beta) : Math.Abs(x - t) - (beta / 2.0),
        (x, t) => Clamped((x - t) / beta, 1));

    /// <summary>torch.nn.MSELoss.</summary>
    [TestMethod]
    [DynamicData(nameof(Reductions))]
    public void SquaredError(LossReduction reduction, long[] dims) => Holds(
        new MseLoss { Reduction = reduction }, dims, Real, (x, t) => (x - t) * (x - t), (x, t) => 2 * (x - t));

    /// <summary>torch.nn.L1Loss.</summary>
    [TestMethod]
    [DynamicData(nameof(Reductions))]
    public void AbsoluteError(LossReduction reduction, long[] dims) => Holds(
        new L1Loss { Reduction = reduction }, dims, Real, (x, t) => Math.Abs(x - t), (x, t) => Math.Sign(x - t));

    /// <summary>torch.nn.BCEWithLogitsLoss: −t ln σ(x) − (1 − t) ln(1 − σ(x)), with labels between 0 and 1 as well.</summary>
    [TestMethod]
    [DynamicData(nameof(Reductions))]
    public void BinaryCrossEntropy(LossReduction reduction, long[] dims) => Holds(
        new BceWithLogitsLoss { Reduction = reduction }, dims, Probability,
        (x, t) => (-t * Math.Log(Sigmoid(x))) - ((1 - t) * Math.Log(Sigmoid(-x))),
        (x, t) => Sigmoid(x) - t);

    /// <summary>torch.nn.BCEWithLogitsLoss(pos_weight=p): −p t ln σ(x) − (1 − t) ln(1 − σ(x)), p one for each class along the last axis.</summary>
    [TestMethod]
    [DynamicData(nameof(Reductions))]
    public void BinaryCrossEntropyWithPositiveWeights(LossReduction reduction, long[] dims)
    {
        float[] weights = [.. Enumerable.Range(0, (int)dims[^1]).Select(c => 0.25f + (c * 1.5f))];
        HoldsByClass(
            new BceWithLogitsLoss { Reduction = reduction, PosWeight = weights }, dims, Probability,
            (x, t, c) => (-weights[c] * t * Math.Log(Sigmoid(x))) - ((1 - t) * Math.Log(Sigmoid(-x))),
            (x, t, c) => (-weights[c] * t * Sigmoid(-x)) + ((1 - t) * Sigmoid(x)));
    }

    /// <summary>torch.nn.KLDivLoss, log_target=False: t (ln t − x), 0 where t is 0; by default over the number of examples (batchmean).</summary>
    [TestMethod]
    [DynamicData(nameof(Divergences))]
    public void Divergence(LossReduction reduction, long[] dims) => Holds(
        reduction == LossReduction.BatchMean ? new KlDivLoss() : new KlDivLoss { Reduction = reduction }, dims, Probability,
        (x, t) => t == 0 ? 0 : t * (Math.Log(t) - x),
        (x, t) => -t, divisor: reduction == LossReduction.BatchMean ? dims[0] : null);

    /// <summary>torch.nn.KLDivLoss(log_target=True): e^t (t − x).</summary>
    [TestMethod]
    [DynamicData(nameof(Divergences))]
    public void DivergenceOfLogarithms(LossReduction reduction, long[] dims) => Holds(
        new KlDivLoss { Reduction = reduction, LogTarget = true }, dims, Real,
        (x, t) => Math.Exp(t) * (t - x),
        (_, t) => -Math.Exp(t), divisor: reduction == LossReduction.BatchMean ? dims[0] : null);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Real(Random random) => (random.NextDouble() * 6) - 3;

    /// <summary>0, 1 or between.</summary>
    private static double Probability(Random random) => Math.Clamp((random.NextDouble() * 2) - 0.5, 0, 1);

    /// <param name="loss">What is tried.</param>
    /// <param name="dims">Of prediction and labels.</param>
    /// <param name="label">Draws a label.</param>
    /// <param name="formula">One element's loss.</param>
    /// <param name="derivative">Of the formula by x.</param>
    /// <param name="divisor">What a mean is over; null for all elements.</param>
    private static void Holds(Loss loss, long[] dims, Func<Random, double> label, Formula formula, Formula derivative, long? divisor = null) =>
        HoldsByClass(loss, dims, label, (x, t, _) => formula(x, t), (x, t, _) => derivative(x, t), divisor);

    /// <summary>The same where the formula knows the place along the last axis.</summary>
    private static void HoldsByClass(
        Loss loss, long[] dims, Func<Random, double> label, ClassFormula formula, ClassFormula derivative, long? divisor = null)
    {
        var random = new Random(17);
        Array64 drawn = Array64.Zeros(dims);
        Tensor x = drawn.Map(_ => Real(random)).ToFloat(), t = drawn.Map(_ => label(random)).ToFloat();
        (double X, double T)[] elements = [.. x.ToDouble().Zip(t.ToDouble())];
        double over = loss.Reduction == LossReduction.Sum ? 1 : divisor ?? elements.Length;
        LossRun.Holds(new(
            elements.Select((e, i) => formula(e.X, e.T, i % (int)dims[^1])).Sum() / over,
            [.. elements.Select((e, i) => derivative(e.X, e.T, i % (int)dims[^1]) / over)]), loss, x, t);
    }
}
