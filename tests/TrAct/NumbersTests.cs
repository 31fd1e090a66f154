using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using Microsoft.ML.OnnxRuntime;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.TrAct;

/// <summary>
/// The bound of docs/numbers.md, and its table: with every kind of input and λ, in both forms, as artifacts and as step graphs have them, all fusions
/// of the runtime on. The truth is computed in 31 digits.
/// </summary>
[TestClass]
public sealed class NumbersTests
{
    private const int M = 4;

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Kinds => NumericInputs.Kinds.Keys.Select(kind => new object[] { kind });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void TheGradientKeepsItsBound(string kind)
    {
        foreach ((int b, int n) in new[] { (64, 200), (200, 25) })
            foreach (double lambda in new[] { 1e-6, 1e-3, 0.1, 1e6 }) Check(kind, b, n, (float)lambda);
    }

    private void Check(string kind, int b, int n, float lambda)
    {
        float[] x = NumericInputs.Kinds[kind](b, n), dY = [.. NumericInputs.Gaussian(b * M, 7).Select(v => (float)(v / b))];
        double norm = Norm(x, b);
        double condition = 1 + (norm / lambda);
        double[] truth = ExactClosedForm.Of([.. x.Select(v => (double)v)], [.. dY.Select(v => (double)v)], b, Math.Max(lambda, norm / (1L << 38)));
        double worst = 0;
        foreach (LoweringTarget target in new[] { LoweringTarget.Cpu, LoweringTarget.AnyRuntime })
        {
            foreach ((TrActForm form, bool outputFirst) in new[] { (TrActForm.Primal, true), (TrActForm.Primal, false), (TrActForm.Dual, true) })
            {
                double[] found = Run(x, dY, b, lambda, form, outputFirst, target);
                double largest = truth.Max(Math.Abs);
                double error = truth.Zip(found, (e, f) => Math.Abs(e - f)).Max() / (largest == 0 ? 1 : largest);
                worst = Math.Max(worst, double.IsNaN(error) ? double.PositiveInfinity : error);
            }
        }
        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {b} × {n} | {lambda:G2} | {condition:0e0} | {worst:0e0} |"));
        Assert.IsLessThan(Bound(condition), worst, FormattableString.Invariant($"{kind}, {b} × {n}, λ = {lambda:G2}, κ = {condition:G2}"));
    }

    /// <summary>
    /// Many rows of a small λ: ‖X‖ ‖dY‖ / λ is far above dW', but only where X does not span all directions does the solve divide anything by λ.
    /// </summary>
    [TestMethod]
    [DataRow("N(0, 1)", true, DisplayName = "every direction spanned: float32")]
    [DataRow("rank 8", false, DisplayName = "half of them: float64")]
    public void FloatIsTakenWhereTheSolveDoesNotMagnifyRounding(string kind, bool isFloat)
    {
        const int b = 4096, n = 16;
        const float lambda = 0.01f;
        double[] wide = NumericInputs.Gaussian(b * n, 1);
        float[] x = [.. wide.Select((value, i) => (float)wide[isFloat || i % n < 8 ? i : i - 8])];
        float[] dY = [.. NumericInputs.Gaussian(b * M, 7).Select(v => (float)(v / b))];
        double[] truth = ExactClosedForm.Of([.. x.Select(v => (double)v)], [.. dY.Select(v => (double)v)], b, lambda);
        foreach (bool outputFirst in new[] { true, false })
        {
            (Model model, Dictionary<string, Tensor> feeds) = Prepared(x, dY, b, lambda, TrActForm.Primal, outputFirst, LoweringTarget.Cpu);
            Value isEnough = model.Graph.Nodes.Last(node => node.Op == "If").In(0);
            model.Graph.MarkOutput(isEnough);
            IReadOnlyDictionary<string, Tensor> found = Fused.Run(model, feeds);
            Assert.AreEqual(isFloat ? 1 : 0, found[isEnough.Name].ToDouble()[0], kind);
            double[] gradient = InRows(found["W_grad"], n, outputFirst);
            Assert.IsLessThan(isFloat ? 1e-5 : 1e-6, truth.Zip(gradient, (e, f) => Math.Abs(e - f)).Max() / truth.Max(Math.Abs), kind);
        }
    }

    /// <summary>
    /// The gradient is rounded to float32 in the end. In float32: 8 roundings of the Gram matrix times κ, and what dYᵀX may lose (2⁻¹³ of the norms,
    /// a few times that of the largest entries). In float64: 64 roundings times κ, above 2³⁸ of λ raised.
    /// </summary>
    private static double Bound(double condition) => condition <= ClosedFormNodes.LargestFloatCondition
        ? (8.0 / (1 << 24) * condition) + (8.0 / (1 << 13))
        : (2.0 / (1 << 24)) + (64 * Math.Min(condition, 1L << 38) / (1L << 53));

    private static double Norm(float[] x, int b)
    {
        int n = x.Length / b;
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double dot = 0;
                for (int row = 0; row < b; row++) dot += (double)x[(row * n) + i] * x[(row * n) + j];
                sum += dot / b * (dot / b);
            }
        }
        return Math.Sqrt(sum);
    }

    /// <summary>[m, n].</summary>
    private static double[] Run(float[] x, float[] dY, int b, float lambda, TrActForm form, bool outputFirst, LoweringTarget target)
    {
        (Model model, Dictionary<string, Tensor> feeds) = Prepared(x, dY, b, lambda, form, outputFirst, target);
        return InRows(Fused.Run(model, feeds)["W_grad"], x.Length / b, outputFirst);
    }

    /// <summary>[m, n] of a gradient [m, n] or [n, m].</summary>
    private static double[] InRows(Tensor gradient, int n, bool outputFirst)
    {
        double[] found = gradient.ToDouble();
        return outputFirst ? found : [.. Enumerable.Range(0, found.Length).Select(i => found[(i % n * M) + (i / n)])];
    }

    private static (Model Model, Dictionary<string, Tensor> Feeds) Prepared(
        float[] x, float[] dY, int b, float lambda, TrActForm form, bool outputFirst, LoweringTarget target)
    {
        int n = x.Length / b;
        Model model = TrainingGraphs.Empty(21);
        Graph graph = model.Graph;
        Value xIn = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), n));
        Value dYIn = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), M));
        Value w = graph.AddInput("W", ElementType.Float, outputFirst ? Shape.Of(M, n) : Shape.Of(n, M));
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            TrainingGraphs.Output(op.Gemm(xIn, w, transB: outputFirst), "Y");
            TrainingGraphs.Output(outputFirst ? op.Gemm(dYIn, xIn, transA: true) : op.Gemm(xIn, dYIn, transA: true), "W_grad");
        }
        TrActRewrite.Apply(model, TrainingGraphs.Options(lambda) with { Form = form });
        ExpandTrAct.Apply(graph, target);
        return (model, new()
        {
            ["x"] = Tensor.Of([b, n], x),
            ["Y_grad"] = Tensor.Of([b, M], dY),
            ["W"] = Tensor.Filled(ElementType.Float, w.Shape!.Extents(), 0),
        });
    }

    /// <summary>A convolution with and without groups, in float64: raw pixels, where XᵀX is all but singular.</summary>
    [TestMethod]
    [DataRow(1, TrActForm.Primal)]
    [DataRow(2, TrActForm.Primal)]
    [DataRow(2, TrActForm.Dual)]
    public void AConvolutionOfRawPixels(int groups, TrActForm form)
    {
        const int b = 3, channels = 2, outputs = 4;
        Tensor x = Tensor.Of([b, channels, 14, 14], NumericInputs.Kinds["pixels, 0 to 255"](b, channels * 196));
        Tensor dY = Deviation.Random([b, outputs, 14, 14], 3);
        foreach (LoweringTarget target in new[] { LoweringTarget.Cpu, LoweringTarget.AnyRuntime })
        {
            Model model = TrainingGraphs.Empty(21);
            Graph graph = model.Graph;
            Value xIn = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), channels, 14, 14));
            Value dYIn = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), outputs, 14, 14));
            Value w = graph.AddInput("W", ElementType.Float, Shape.Of(outputs, channels / groups, 3, 3));
            (string, object)[] attributes = [("group", (long)groups), ("pads", new long[] { 1, 1, 1, 1 })];
            Node layer;
            using (OpBuilder op = graph.BuildAtEnd("net"))
            {
                Value y = op.Op("Conv", [xIn, w], attributes);
                layer = y.Producer!;
                TrainingGraphs.Output(y, "Y");
                TrainingGraphs.Output(TrainingGraphs.ConvGrad(op, dYIn, xIn, w, [.. attributes, ("kernel_shape", new long[] { 3, 3 })]), "W_grad");
            }
            TrActRewrite.Apply(model, TrainingGraphs.Options(1e-3) with { Form = form });
            ExpandTrAct.Apply(graph, target);
            LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
            long[] weight = w.Shape!.Extents();
            var feeds = new Dictionary<string, Tensor> { ["x"] = x, ["Y_grad"] = dY, ["W"] = Tensor.Filled(ElementType.Float, weight, 0) };
            Deviation.AssertWithin(ClosedForm.WeightGradient(layer, x, dY, weight, 1e-3f), Fused.Run(model, feeds)["W_grad"].ToDouble(), 1e-5);
        }
    }

    private static OrtGraphRunner Fused { get; } = new() { Optimization = GraphOptimizationLevel.ORT_ENABLE_ALL };
}
