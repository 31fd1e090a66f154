using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.NormalForm;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>
/// Random operators beside a differentiable path: drawn anew at every run, by the seed, never folded or merged, and constants to the gradient.
/// </summary>
[TestClass]
public sealed class RandomOperatorTests
{
    private const int Rows = 40, Columns = 50;

    /// <summary>Operators with a mean and a standard deviation of what they draw.</summary>
    public static IEnumerable<object[]> Operators =>
    [
        ["RandomUniformLike", new (string, object)[] { ("low", -1f), ("high", 2f) }, 0.5, Math.Sqrt(9 / 12.0)],
        ["RandomNormalLike", new (string, object)[] { ("mean", 0.3f), ("scale", 2f) }, 0.3, 2.0],
        ["RandomUniform", new (string, object)[] { ("shape", new long[] { Rows, Columns }) }, 0.5, Math.Sqrt(1 / 12.0)],
        ["RandomNormal", new (string, object)[] { ("shape", new long[] { Rows, Columns }), ("scale", 0.5f) }, 0.0, 0.5],
        ["Bernoulli", Array.Empty<(string, object)>(), 0.8, 0.4],
    ];

    /// <summary>loss = Σ (w x · n + n′)²: dw = 2 (w x n + n′) n x, with the n and n′ that the forward pass drew.</summary>
    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void NoisePassesTheGradientOfTheValue(string type, (string Name, object Value)[] attributes, double mean, double deviation)
    {
        using var run = new RandomGraphRun(NoisyLoss(type, attributes), seed: 5);
        Tensor x = LoweringRun.Uniform(new Random(1), Rows, Columns), w = LoweringRun.Uniform(new Random(2), Rows, Columns);
        float[]? last = null;
        for (int k = 0; k < 3; k++)
        {
            IReadOnlyDictionary<string, float[]> outputs = run.Next(("x", x), ("w", w));
            (float[] n, float[] added) = (outputs["n"], outputs["added"]);
            Assert.AreEqual(mean, n.Average(), 5 * deviation / Math.Sqrt(n.Length), $"{type}: mean");
            Assert.AreEqual(deviation, Math.Sqrt(n.Average(v => (v - mean) * (v - mean))), 0.1 * deviation, $"{type}: deviation");
            for (int i = 0; i < n.Length; i++)
            {
                double xi = x.Span<float>()[i], y = (w.Span<float>()[i] * xi * n[i]) + added[i];
                Assert.AreEqual(2 * y * n[i] * xi, outputs["w_grad"][i], 1e-5 * Math.Max(1, Math.Abs(y * n[i])), $"{type}: entry {i}");
            }
            CollectionAssert.AreNotEqual(n, added, $"{type}: nodes of the same form must stay apart");
            if (last is not null) CollectionAssert.AreNotEqual(last, n, $"{type}: every run draws anew");
            last = n;
        }
    }

    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void TheSeedDecides(string type, (string Name, object Value)[] attributes, double mean, double deviation)
    {
        Assert.IsGreaterThan(0, mean + deviation);
        float[] Draws(int seed)
        {
            using var run = new RandomGraphRun(NoisyLoss(type, attributes), seed);
            Tensor ones = Tensor.Filled(ElementType.Float, [Rows, Columns], 1);
            return [.. Enumerable.Range(0, 2).SelectMany(_ => run.Next(("x", ones), ("w", ones))["n"])];
        }
        float[] draws = Draws(1);
        CollectionAssert.AreEqual(draws, Draws(1), type);
        CollectionAssert.AreNotEqual(draws, Draws(2), type);
    }

    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void ALaterStartGoesOn(string type, (string Name, object Value)[] attributes, double mean, double deviation)
    {
        Assert.IsGreaterThan(0, mean + deviation);
        float[] Draws(int before, int runs)
        {
            using var run = new RandomGraphRun(NoisyLoss(type, attributes), seed: 1, before);
            Tensor ones = Tensor.Filled(ElementType.Float, [Rows, Columns], 1);
            return [.. Enumerable.Range(0, runs).SelectMany(_ => run.Next(("x", ones), ("w", ones))["n"])];
        }
        CollectionAssert.AreEqual(Draws(0, 5)[(3 * Rows * Columns)..], Draws(3, 2), type);
    }

    /// <summary>ONNX Runtime's own Bernoulli draws ones at the rate 1 − p, and none at all from opset 22 on.</summary>
    [TestMethod]
    [DataRow(0.1f, 21, ElementType.Float)]
    [DataRow(0.9f, 21, ElementType.Bool)]
    [DataRow(0.9f, 22, ElementType.Float)]
    [DataRow(0.7f, 15, ElementType.Int64)]
    public void BernoulliDrawsOnesAtItsRate(float p, int opset, ElementType type)
    {
        var graph = new Graph("draws", new Dictionary<string, long> { [OpId.Onnx] = opset });
        Value rate = graph.AddInput("p", ElementType.Float, Shape.Of(Rows, Columns));
        Value drawn = LoweringRun.Add(graph, "Bernoulli", [rate], [("dtype", type)], "drawn")[0];
        graph.MarkOutput(LoweringRun.Add(graph, "Cast", [drawn], [("to", ElementType.Float)], "y")[0]);
        drawn.Type = type;
        using var run = new RandomGraphRun(graph, seed: 3);
        double[] means = [.. Enumerable.Range(0, 20)
            .Select(_ => (double)run.Next(("p", Tensor.Filled(ElementType.Float, [Rows, Columns], p)))["y"].Average())];
        Assert.AreEqual(p, means.Average(), 5 * Math.Sqrt(p * (1 - p) / (20 * Rows * Columns)));
    }

    [TestMethod]
    public void MultinomialDrawsByItsLogits()
    {
        double[] rates = [0.1, 0.2, 0.7];
        Graph graph = LoweringRun.NewGraph();
        Value logits = graph.AddInput("logits", ElementType.Float, Shape.Of(1, 3));
        Value drawn = LoweringRun.Add(graph, "Multinomial", [logits], [("sample_size", 1000), ("dtype", ElementType.Int64)], "drawn")[0];
        drawn.Type = ElementType.Int64;
        graph.MarkOutput(LoweringRun.Add(graph, "Cast", [drawn], [("to", ElementType.Float)], "y")[0]);
        using var run = new RandomGraphRun(graph, seed: 3);
        float[] draws = [.. Enumerable.Range(0, 20)
            .SelectMany(_ => run.Next(("logits", Tensor.Of([1, 3], [.. rates.Select(rate => (float)Math.Log(rate))])))["y"])];
        for (int i = 0; i < 3; i++)
            Assert.AreEqual(rates[i], draws.Count(draw => draw == i) / 20000.0, 5 * Math.Sqrt(rates[i] * (1 - rates[i]) / 20000), $"class {i}");
    }

    private static Graph NoisyLoss(string type, (string Name, object Value)[] attributes)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Rows, Columns)), w = graph.AddInput("w", ElementType.Float, x.Shape);
        Value rate = graph.AddInitializer("rate", Tensor.Filled(ElementType.Float, [Rows, Columns], 0.8));
        Value h = LoweringRun.Add(graph, "Mul", [x, w], [], "h")[0];
        Value[] inputs = type switch { "Bernoulli" => [rate], "RandomUniform" or "RandomNormal" => [], _ => [h] };
        Value n = LoweringRun.Add(graph, type, inputs, attributes, "n")[0], added = LoweringRun.Add(graph, type, inputs, attributes, "added")[0];
        Value y = LoweringRun.Add(graph, "Add", [LoweringRun.Add(graph, "Mul", [h, n], [], "scaled")[0], added], [], "y")[0];
        Value loss = LoweringRun.Add(graph, "ReduceSumSquare", [y], [("keepdims", 0)], "loss")[0];
        graph.MarkOutput(loss);
        ForwardNormalForm.Apply(graph, BatchNormMode.Train);
        graph.MarkOutput(ReverseMode.AppendGradients(graph, loss, [w])[w]);
        foreach (string name in new[] { "n", "added" }) graph.MarkOutput(graph.Get(name));
        return graph;
    }
}
