using System.Globalization;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using TrainingHost.Data;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.TrAct;

[TestClass]
public sealed class NumbersTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [TestCategory("Experiment")]
    public void Experiment()
    {
        string[] kinds = ["std", "constant.5", "gaussian", "pixels", "constant1", "constant255", "constant1e6", "rank10", "rank1", "channel", "decay", "huge", "zero"];
        (int B, int N)[] sizes = [(64, 200), (300, 400), (200,25)];
        TestContext.WriteLine("kind b n lambda norm kappa | primal-left primal dual | any-runtime");
        foreach ((int b, int n) in sizes)
        foreach (string kind in kinds)
        foreach (double lambda in new[] { 1e-6, 1e-3, 0.1, 1 })
        {
            const int m = 4;
            float[] x = Make(kind, b, n), dY = [.. Gaussian(b * m, 7).Select(v => (float)(v / b))];
            double l = (float)lambda;
            double[] truth = ExactClosedForm.Of([.. x.Select(v => (double)v)], [.. dY.Select(v => (double)v)], b, l);
            var errors = new List<string>();
            foreach (bool any in new[] { false, true })
            foreach ((TrActForm form, bool outputFirst) in new[] { (TrActForm.Primal, false), (TrActForm.Primal, true), (TrActForm.Dual, true) })
            {
                double[] found = Run(x, dY, b, n, m, lambda, form, outputFirst, any ? LoweringTarget.AnyRuntime : LoweringTarget.Cpu, out double norm);
                if (errors.Count == 0) errors.Add($"{norm:G2} {1 + norm / l:G2} |");
                if (!outputFirst) found = [.. Enumerable.Range(0, found.Length).Select(i => found[(i % n * m) + (i / n)])];
                double largest = truth.Max(Math.Abs);
                double worst = largest == 0 ? found.Max(Math.Abs) : truth.Zip(found, (e, f) => Math.Abs(e - f)).Max() / largest;
                errors.Add($"{worst:G2}");
            }
            TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {b} {n} {lambda} {string.Join(' ', errors)}"));
        }
    }

    [TestMethod]
    [TestCategory("Experiment")]
    public void InverseTime()
    {
        foreach (ElementType type in new[] { ElementType.Float, ElementType.Double })
        foreach (int n in new[] { 128, 384, 784 })
        {
            Model model = TrainingGraphs.Empty(21);
            Value a = model.Graph.AddInput("a", type, Shape.Of(n, n));
            using (OpBuilder op = model.Graph.BuildAtEnd("net")) { Value v = op.Op("com.microsoft::Inverse", [a]); model.Graph.Rename(v, "y"); model.Graph.MarkOutput(v); }
            double[] g = Gaussian(n * n, 3);
            var feeds = new Dictionary<string, Tensor> { ["a"] = type == ElementType.Double ? Tensor.Of([n, n], g) : Tensor.Of([n, n], [.. g.Select(v => (float)v)]) };
            var times = new List<double>();
            for (int i = 0; i < 5; i++) { long t = System.Diagnostics.Stopwatch.GetTimestamp(); new OrtGraphRunner().Run(model, feeds); times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(t).TotalMilliseconds); }
            TestContext.WriteLine($"| {type} {n}: {times.Min()}");
        }
    }

    private static double[] Run(float[] x, float[] dY, int b, int n, int m, double lambda, TrActForm form, bool outputFirst, LoweringTarget target, out double norm)
    {
        Model model = TrainingGraphs.Empty(21);
        Graph graph = model.Graph;
        Value xIn = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), n));
        Value dYIn = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), m));
        Value w = graph.AddInput("W", ElementType.Float, outputFirst ? Shape.Of(m, n) : Shape.Of(n, m));
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            TrainingGraphs.Output(op.Gemm(xIn, w, transB: outputFirst), "Y");
            TrainingGraphs.Output(outputFirst ? op.Gemm(dYIn, xIn, transA: true) : op.Gemm(xIn, dYIn, transA: true), "W_grad");
        }
        TrActRewrite.Apply(model, TrainingGraphs.Options(lambda) with { Form = form });
        graph.MarkOutput(graph.Get("tract.norm"));
        ExpandTrAct.Apply(graph, target);
        IReadOnlyDictionary<string, Tensor> outputs = new OrtGraphRunner().Run(model, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of([b, n], x), ["Y_grad"] = Tensor.Of([b, m], dY), ["W"] = Tensor.Filled(ElementType.Float, w.Shape!.Extents(), 0),
        });
        norm = outputs["tract.norm"].ToDouble()[0];
        return outputs["W_grad"].ToDouble();
    }

    private static float[] Make(string kind, int b, int n)
    {
        double[] g = Gaussian(b * n, 1);
        switch (kind)
        {
            case "gaussian": return [.. g.Select(v => (float)v)];
            case "huge": return [.. g.Select(v => (float)(v * 1e20))];
            case "zero": return new float[b * n];
            case "constant1": return [.. g.Select(_ => 1f)];
            case "constant255": return [.. g.Select(_ => 255f)];
            case "constant1e6": return [.. g.Select(_ => 1e6f)];
            case "channel": return [.. g.Select((v, i) => i % n == 3 ? 255f : (float)v)];
            case "rank1": return LowRank(b, n, 1, 30);
            case "rank10": return LowRank(b, n, 10, 100);
            case "decay":
                double[] q = Gaussian(b * n, 5);
                return [.. q.Select((v, i) => (float)(v * Math.Pow(10, 2 - (4.0 * (i % n) / n))))];
            case "constant.5": return [.. g.Select(_ => 0.5f)];
            case "std": return [.. Make("pixels", b, n).Select(v => (v - 73) / 90)];
            default:
                
                float[] pixels = new float[b * n];
                (byte[] images, _) = Images(b);
                for (int i = 0; i < b; i++) for (int j = 0; j < n; j++) pixels[(i * n) + j] = images[(i * 784) + (j * 784 / n)];
                return pixels;
        }
    }

    private static (byte[] Images, int Count) Images(int count)
    {
        using Stream stream = typeof(FashionMnist).Assembly.GetManifestResourceStream("fashion-mnist/train-images-idx3-ubyte.gz")!;
        using var gzip = new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress);
        gzip.ReadExactly(new byte[16]);
        byte[] bytes = new byte[count * 784];
        gzip.ReadExactly(bytes);
        return (bytes, count);
    }

    private static float[] LowRank(int b, int n, int rank, double scale)
    {
        double[] u = Gaussian(b * rank, 2), v = Gaussian(rank * n, 3);
        return [.. Enumerable.Range(0, b * n).Select(i => (float)(scale * Enumerable.Range(0, rank).Sum(k => u[(i / n * rank) + k] * v[(k * n) + (i % n)])))];
    }

    private static double[] Gaussian(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }
}
