using GraphRewrite.IR;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class LayerNormGradLoweringTests
{
    private const double Epsilon = 1e-3;

    [TestMethod]
    [DataRow(new long[] { 3, 4, 5 }, -1)]
    [DataRow(new long[] { 3, 4, 5 }, 1)]
    [DataRow(new long[] { 6, 5 }, 0)]
    [DataRow(new long[] { 2, 3, 2, 4 }, 2)]
    public void IsTheDerivativeOfTheForward(long[] dims, int axis)
    {
        var random = new Random(21);
        int first = axis < 0 ? axis + dims.Length : axis;
        int[] inner = [.. Enumerable.Range(first, dims.Length - first)];
        (Array64 x, Array64 dY) = (Array64.Normal(random, dims), Array64.Normal(random, dims));
        (Array64 gamma, Array64 beta) = (Array64.Normal(random, dims[first..]), Array64.Normal(random, dims[first..]));
        Array64 mean = x.Mean(inner);
        Array64 r = ((x - mean) * (x - mean)).Mean(inner).Map(v => 1 / Math.Sqrt(v + Epsilon));
        Array64?[] expected =
        [
            LoweringCheck.Gradient(v => Normalize(v, gamma, beta), x, dY),
            LoweringCheck.Gradient(v => Normalize(x, v, beta), gamma, dY),
            LoweringCheck.Gradient(v => Normalize(x, gamma, v), beta, dY),
        ];
        LoweringCheck.Agrees("com.microsoft::LayerNormalizationGrad",
            [dY.ToFloat(), x.ToFloat(), gamma.ToFloat(), mean.ToFloat(), r.ToFloat()], expected, Attributes(axis));

        Array64 rms = (x * x).Mean(inner).Map(v => 1 / Math.Sqrt(v + Epsilon));
        Array64?[] simplified =
        [
            LoweringCheck.Gradient(v => v * (v * v).Mean(inner).Map(s => 1 / Math.Sqrt(s + Epsilon)) * gamma, x, dY),
            LoweringCheck.Gradient(v => x * rms * v, gamma, dY),
        ];
        LoweringCheck.Agrees("com.microsoft::SimplifiedLayerNormalizationGrad",
            [dY.ToFloat(), x.ToFloat(), gamma.ToFloat(), rms.ToFloat()], simplified, Attributes(axis));

        (string, object)[] Attributes(int axis) => axis == -1 ? [] : [("axis", axis)]; // −1 is the default

        Array64 Normalize(Array64 input, Array64 scale, Array64 bias)
        {
            Array64 centerd = input - input.Mean(inner);
            return (centerd / (centerd * centerd).Mean(inner).Map(v => Math.Sqrt(v + Epsilon)) * scale) + bias;
        }
    }

    [TestMethod]
    public void StockForwardGivesTheSavedStatistics()
    {
        Array64 x = Array64.Normal(new Random(22), 3, 4, 5);
        Tensor ones = Tensor.Filled(ElementType.Float, [5], 1);
        var model = OneNodeModel.Of("LayerNormalization", 21, [x.ToFloat(), ones, ones], 3, [("epsilon", (float)Epsilon), ("axis", -1)]);
        IReadOnlyDictionary<string, Tensor> made = new OrtGraphRunner().Run(model.Model, model.Feeds);
        Array64 mean = x.Mean(2);
        LoweringCheck.Near([null, mean, ((x - mean) * (x - mean)).Mean(2).Map(v => 1 / Math.Sqrt(v + Epsilon))], made, "LayerNormalization");
    }
}
