using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.TrAct;

/// <summary>Layers in the forms that exporters write them in, each through a real session against the closed form in float64.</summary>
[TestClass]
public sealed class LayerVariantTests
{
    private const int B = 12, N = 5, M = 3;

    /// <summary>Gemm with every combination of transposed operands, and α: Y = αXWᵀ has αX for X.</summary>
    [TestMethod]
    [DataRow(false, false, 1f)]
    [DataRow(false, true, 1f)]
    [DataRow(true, false, 1f)]
    [DataRow(true, true, 1f)]
    [DataRow(false, true, 0.5f)]
    [DataRow(true, false, 3f)]
    public void Gemm(bool transA, bool transB, float alpha)
    {
        foreach (TrActForm form in new[] { TrActForm.Primal, TrActForm.Dual })
        {
            (Model model, Value x, Value dY, Value w) = Start(transA ? [N, B] : [B, N], [B, M], transB ? [M, N] : [N, M]);
            Node layer;
            using (OpBuilder op = model.Graph.BuildAtEnd("net"))
            {
                Value y = op.Gemm(x, w, transA, transB, alpha);
                layer = y.Producer!;
                TrainingGraphs.Output(y, "Y");
                Value dW = transB ? op.Gemm(dY, x, transA: true, transB: transA, alpha) : op.Gemm(x, dY, transA: !transA, alpha: alpha);
                TrainingGraphs.Output(dW, "W_grad");
            }
            AssertClosedForm(model, layer, w, form);
        }
    }

    /// <summary>The gradient of a N-D MatMul as a stack of products, summed.</summary>
    [TestMethod]
    public void StackedMatMul()
    {
        (Model model, Value x, Value dY, Value w) = Start([4, 3, N], [4, 3, M], [N, M]);
        Node layer;
        using (OpBuilder op = model.Graph.BuildAtEnd("net"))
        {
            Value y = op.MatMul(x, w);
            layer = y.Producer!;
            TrainingGraphs.Output(y, "Y");
            TrainingGraphs.Output(op.ReduceSum(op.FusedMatMul(x, dY, transA: true), [0], keepDims: false), "W_grad");
        }
        AssertClosedForm(model, layer, w, TrActForm.Primal);
    }

    /// <summary>Weight normalization, W = g V: the closed form on dW, which then flows on to the gradients of V and g.</summary>
    [TestMethod]
    public void ComputedWeight()
    {
        (Model model, Value x, Value dY, Value v) = Start([B, N], [B, M], [M, N]);
        Graph graph = model.Graph;
        Value g = graph.AddInput("g", ElementType.Float, Shape.Of(M, 1));
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            Value w = g * v;
            w.Shape = Shape.Of(M, N);
            TrainingGraphs.Output(op.Gemm(x, w, transB: true), "Y");
            Value dW = op.Gemm(dY, x, transA: true);
            graph.Rename(dW, "dW");
            TrainingGraphs.Output(dW * g, "W_grad");
            TrainingGraphs.Output(op.ReduceSum(dW * v, [1], keepDims: true), "g_grad");
        }
        RewriteReport report = TrActRewrite.Apply(model, TrainingGraphs.Options(0.1, "W", "g"));
        Assert.AreEqual("dW", report.Layers.Single().Gradient);
        ExpandTrAct.Apply(graph);
        Dictionary<string, Tensor> feeds = Feeds(graph);
        IReadOnlyDictionary<string, Tensor> found = new OrtGraphRunner().Run(model, feeds);

        Node layer = graph.Nodes.First(node => node.Op == "Gemm");
        double[] dw = ClosedForm.WeightGradient(layer, feeds["x"], feeds["Y_grad"], [M, N], 0.1);
        (double[] scale, double[] direction) = (feeds["g"].ToDouble(), feeds["W"].ToDouble());
        Deviation.AssertWithin([.. dw.Select((d, i) => d * scale[i / N])], found["W_grad"].ToDouble(), 1e-5);
        Deviation.AssertWithin([.. Enumerable.Range(0, M).Select(i => Enumerable.Range(0, N).Sum(j => dw[(i * N) + j] * direction[(i * N) + j]))],
            found["g_grad"].ToDouble(), 1e-5);
    }

    /// <summary>Two convolutions on one image (RepVGG): the first is rewritten, the other named.</summary>
    [TestMethod]
    public void SiblingConvolutions()
    {
        Model model = TrainingGraphs.Empty();
        Graph graph = model.Graph;
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 2, 6, 6));
        Value dY = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4, 6, 6));
        (Value w, Value v) = (graph.AddInput("W", ElementType.Float, Shape.Of(4, 2, 3, 3)),
            graph.AddInput("V", ElementType.Float, Shape.Of(4, 2, 1, 1)));
        using OpBuilder op = graph.BuildAtEnd("net");
        (string, object) same = ("pads", new long[] { 1, 1, 1, 1 });
        TrainingGraphs.Output(op.Op("Conv", [x, w], same) + op.Op("Conv", [x, v]), "Y");
        TrainingGraphs.Output(TrainingGraphs.ConvGrad(op, dY, x, w, same), "W_grad");
        TrainingGraphs.Output(TrainingGraphs.ConvGrad(op, dY, x, v), "V_grad");
        RewriteReport report = TrActRewrite.Apply(model, TrainingGraphs.Options(0.1, "W", "V"));
        Assert.AreEqual("W_grad", report.Layers.Single().Gradient);
        StringAssert.Contains(report.Warnings.Single().ToString(), "other first layers: 'net/Conv_1' (V)", StringComparison.Ordinal);
    }

    /// <summary>The form follows the rows: b from the graph, b from the hint, and unknown b.</summary>
    [TestMethod]
    [DataRow(4L, 40L, null, "dual")]
    [DataRow(40L, 4L, null, "primal")]
    [DataRow(0L, 40L, 8L, "dual")]
    [DataRow(0L, 40L, 64L, "primal")]
    [DataRow(0L, 40L, null, "primal")]
    [DataRow(0L, 1100L, null, "dual")]
    public void FormByShape(long b, long n, long? hint, string form)
    {
        Model model = TrainingGraphs.Empty();
        Dim batch = b == 0 ? Dim.Symbol("batch") : b;
        Value x = model.Graph.AddInput("x", ElementType.Float, Shape.Of(batch, n));
        Value w = model.Graph.AddInput("W", ElementType.Float, Shape.Of(2, n));
        using OpBuilder op = model.Graph.BuildAtEnd("net");
        TrainingGraphs.Output(op.Gemm(x, w, transB: true), "Y");
        TrainingGraphs.Output(op.Gemm(model.Graph.AddInput("Y_grad", ElementType.Float, Shape.Of(batch, 2)), x, transA: true), "W_grad");
        Assert.AreEqual(form, TrActRewrite.Apply(model, TrainingGraphs.Options() with { BatchSize = hint }).Layers.Single().Form);
    }

    private static (Model Model, Value X, Value DY, Value W) Start(long[] x, long[] dY, long[] w)
    {
        Model model = TrainingGraphs.Empty();
        return (model, model.Graph.AddInput("x", ElementType.Float, Shape.From(x)),
            model.Graph.AddInput("Y_grad", ElementType.Float, Shape.From(dY)), model.Graph.AddInput("W", ElementType.Float, Shape.From(w)));
    }

    private static Dictionary<string, Tensor> Feeds(Graph graph) =>
        graph.Inputs.Select((input, seed) => (input, seed))
            .ToDictionary(pair => pair.input.Name, pair => Deviation.Random(pair.input.Shape!.Extents(), pair.seed + 1));

    private static void AssertClosedForm(Model model, Node layer, Value w, TrActForm form)
    {
        TrActRewrite.Apply(model, TrainingGraphs.Options() with { Form = form });
        ExpandTrAct.Apply(model.Graph);
        Dictionary<string, Tensor> feeds = Feeds(model.Graph);
        double[] expected = ClosedForm.WeightGradient(layer, feeds["x"], feeds["Y_grad"], w.Shape!.Extents(), 0.1);
        Deviation.AssertWithin(expected, new OrtGraphRunner().Run(model, feeds)["W_grad"].ToDouble(), 1e-5);
    }
}
