using GraphRewrite.IR;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class CrossEntropyGradLoweringTests
{
    public static IEnumerable<object[]> Forms =>
        from dims in new long[][] { [6, 5], [3, 4, 2], [2, 3, 2, 3] }
        from reduction in new[] { "mean", "sum", "none" }
        from weighted in new[] { false, true }
        from ignore in new long?[] { null, 1, -100, -1 }
        select new object[] { dims, reduction, weighted, ignore ?? long.MinValue };

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void IsTheDerivativeOfTheLoss(long[] dims, string reduction, bool weighted, long ignoreOrNone)
    {
        long? ignore = ignoreOrNone == long.MinValue ? null : ignoreOrNone;
        var random = new Random(41);
        Array64 x = Array64.Normal(random, dims);
        long[] labelDims = [dims[0], .. dims[2..]];
        long count = labelDims.Aggregate(1L, (a, b) => a * b);
        long[] labels = [.. Enumerable.Range(0, (int)count).Select(i => ignore is { } ignored && i % 3 == 0 ? ignored : random.NextInt64(dims[1]))];
        Array64 weight = Array64.Normal(random, dims[1]).Map(v => (float)Math.Exp(v));
        Array64 dLoss = reduction == "none" ? Array64.Normal(random, labelDims) : new([], [1.5]);
        Array64 dX = LoweringCheck.Gradient(Loss, x, dLoss);
        Arg logProb = LogProb(x).ToFloat();
        Arg? w = weighted ? new Arg(weight.ToFloat()) : null;

        (string, object)[] attributes = ignore is { } i ? [("reduction", reduction), ("ignore_index", i)] : [("reduction", reduction)];
        LoweringCheck.Agrees("com.microsoft::SoftmaxCrossEntropyLossGrad",
            [dLoss.ToFloat(), logProb, Tensor.Of(labelDims, labels), w], [dX], attributes);

        Arg narrow = Tensor.Of(labelDims, Array.ConvertAll(labels, label => (int)label));
        Arg? ignoredLabel = ignore is { } j ? new Arg(Tensor.Scalar(j)) : null;
        LoweringCheck.Agrees("com.microsoft::SoftmaxCrossEntropyLossInternalGrad",
            [dLoss.ToFloat(), logProb, narrow, w, ignoredLabel], [dX], ("reduction", reduction));

        if (ignore is null or >= 0)
        {
            Arg? stored = ignore is { } k ? new Arg(Tensor.Scalar(k), Stored: true) : null;
            LoweringCheck.Agrees("com.microsoft::SoftmaxCrossEntropyLossInternal",
                [x.ToFloat(), Tensor.Of(labelDims, labels), w, stored], [Loss(x), LogProb(x)], ("reduction", reduction));
        }

        Array64 Loss(Array64 logits)
        {
            Array64 logp = LogProb(logits);
            Array64 losses = Array64.Zeros(labelDims);
            double total = 0;
            for (long n = 0; n < count; n++)
            {
                if (labels[n] == ignore) continue;
                long[] at = losses.Index(n);
                double c = weighted ? weight.Data[labels[n]] : 1;
                losses.Data[n] = -c * logp.Data[logp.Offset([at[0], labels[n], .. at[1..]])];
                total += c;
            }
            return reduction switch
            {
                "none" => losses,
                "sum" => new([], [losses.Data.Sum()]),
                _ => new([], [losses.Data.Sum() / total]),
            };
        }
    }

    [TestMethod]
    public void AllLabelsIgnoredGiveNoGradient()
    {
        Arg logProb = Tensor.Filled(ElementType.Float, [2, 4], Math.Log(0.25));
        LoweringCheck.Agrees("com.microsoft::SoftmaxCrossEntropyLossGrad",
            [Tensor.Scalar(1f), logProb, Tensor.Vector(-100L, -100L)], [Array64.Zeros(2, 4)], ("ignore_index", -100L));
    }

    [TestMethod]
    public void StockLossGivesLogProb()
    {
        Array64 x = Array64.Normal(new Random(42), 4, 3);
        var model = OneNodeModel.Of("SoftmaxCrossEntropyLoss", 21, [x.ToFloat(), Tensor.Vector(0L, 1L, 2L, 0L)], 2);
        LoweringCheck.Near([null, LogProb(x)], new OrtGraphRunner().Run(model.Model, model.Feeds), "SoftmaxCrossEntropyLoss");
    }

    private static Array64 LogProb(Array64 x) => x - x.Map(Math.Exp).Sum(1).Map(Math.Log);
}
