using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class ActivationGradLoweringTests
{
    /// <summary>Gradient operator, its attributes, forward definition, and whether the second input is the forward output.</summary>
    public static IEnumerable<object[]> Activations
    {
        get
        {
            yield return Row("ReluGrad", x => Math.Max(x, 0), takesOutput: false);
            yield return Row("ReluGrad", x => Math.Max(x, 0), takesOutput: true);
            yield return Row("LeakyReluGrad", x => x > 0 ? x : 0.2 * x, takesOutput: true, ("alpha", 0.2f));
            yield return Row("LeakyReluGrad", x => x > 0 ? x : 0.01 * x, takesOutput: true);
            yield return Row("SigmoidGrad", x => 1 / (1 + Math.Exp(-x)), takesOutput: true);
            yield return Row("TanhGrad", Math.Tanh, takesOutput: true);
            yield return Row("GeluGrad", x => 0.5 * x * (1 + Erf(x / Math.Sqrt(2))), takesOutput: false);
            yield return Row("FastGeluGrad", x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
                takesOutput: false);
            yield return Row("QuickGeluGrad", x => x / (1 + Math.Exp(-1.702 * x)), takesOutput: false);
            yield return Row("QuickGeluGrad", x => x / (1 + Math.Exp(-x)), takesOutput: false, ("alpha", 1f));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Activations))]
    public void IsTheDerivativeOfTheForward(string op, Func<double, double> f, bool takesOutput, (string, object)[] attributes)
    {
        var random = new Random(7);
        Array64 x = Array64.Normal(random, 3, 5, 4).Map(v => v * 2);
        Array64 dY = Array64.Normal(random, 3, 5, 4);
        Array64 dX = LoweringCheck.Gradient(v => v.Map(f), x, dY);
        LoweringCheck.Agrees(new(OpId.Microsoft, op), [dY.ToFloat(), (takesOutput ? x.Map(f) : x).ToFloat()], [dX], attributes);
    }

    [TestMethod]
    [DataRow("BiasGeluGrad_dX")]
    [DataRow("BiasFastGeluGrad_dX")]
    public void BiasIsAddedBeforeTheActivation(string op)
    {
        var random = new Random(8);
        (Array64 x, Array64 bias, Array64 dY) = (Array64.Normal(random, 3, 4), Array64.Normal(random, 4), Array64.Normal(random, 3, 4));
        Func<double, double> f = op.Contains("Fast", StringComparison.Ordinal)
            ? v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v))))
            : v => 0.5 * v * (1 + Erf(v / Math.Sqrt(2)));
        Array64 dX = LoweringCheck.Gradient(v => (v + bias).Map(f), x, dY);
        LoweringCheck.Agrees(new(OpId.Microsoft, op), [dY.ToFloat(), x.ToFloat(), bias.ToFloat()], [dX]);
    }

    [TestMethod]
    public void ReluStepIsExactAtTheEdges()
    {
        float[] denormals = [float.Epsilon, 1e-39f, 1.2e-38f, -float.Epsilon];
        float[] y = [0, -0f, .. denormals, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        Tensor dY = Tensor.Filled(ElementType.Float, [10], 3);
        IReadOnlyDictionary<string, Tensor> made = LoweringCheck.Run(OneNodeModel.Of("com.microsoft::ReluGrad", 21, [dY, Tensor.Vector(y)], 1));
        CollectionAssert.AreEqual(new float[] { 0, 0, 3, 3, 3, 0, 3, 3, 0, 0 }, made["y0"].Span<float>().ToArray());
    }

    private static object[] Row(string op, Func<double, double> f, bool takesOutput, params (string, object)[] attributes) =>
        [op, f, takesOutput, attributes];

    /// <summary>2/√π Σ (−1)ᵏ x²ᵏ⁺¹ / (k! (2k+1)), to float64 rounding where |x| is below 4.</summary>
    private static double Erf(double x)
    {
        (double sum, double term) = (0, x);
        for (int k = 0; k < 120; k++)
        {
            sum += term / ((2 * k) + 1);
            term *= -x * x / (k + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
