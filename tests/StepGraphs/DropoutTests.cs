using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>Dropout in step graphs: what it draws, that the backward pass uses the same mask, and that the seed decides.</summary>
[TestClass]
public sealed class DropoutTests
{
    private const int Runs = 4000;

    /// <summary>Means of 4000 draws over 60 entries stay within five standard deviations, but for one case in 30,000.</summary>
    private const double Deviations = 5;

    [TestMethod]
    [DataRow(0.1f)]
    [DataRow(0.5f)]
    [DataRow(0.8f)]
    public void KeepsAtTheRateAndScales(float ratio)
    {
        float[] x = [.. Enumerable.Range(0, 60).Select(i => (i + 1) / 10f)];
        using RandomGraphRun run = new(Twice(ratio), seed: 7);
        double[] sum = new double[x.Length];
        int repeated = 0;
        float[]? last = null;
        for (int k = 0; k < Runs; k++)
        {
            float[] y = run.Next(("x", Tensor.Of([6, 10], x)), ("dy", Tensor.Of([6, 10], x)))["y"];
            for (int i = 0; i < y.Length; i++)
            {
                Assert.IsTrue(y[i] == 0 || Math.Abs(y[i] - (x[i] / (1 - ratio))) <= 1e-6 * y[i], $"entry {i}: {y[i]} of {x[i]}");
                sum[i] += y[i];
            }
            if (last is not null && last.SequenceEqual(y)) repeated++;
            last = y;
        }
        double deviation = Math.Sqrt(ratio / (1 - ratio) / Runs);
        for (int i = 0; i < x.Length; i++) Assert.AreEqual(1, sum[i] / Runs / x[i], Deviations * deviation, $"entry {i}");
        Assert.IsLessThan(Runs / 100, repeated, "each run must draw a mask of its own");
    }

    [TestMethod]
    public void TheBackwardPassUsesTheSameMaskAndNodesHaveDifferentOnes()
    {
        Tensor x = Tensor.Filled(ElementType.Float, [20, 50], 2), dy = Tensor.Filled(ElementType.Float, [20, 50], 3);
        using RandomGraphRun run = new(Twice(0.4f), seed: 7);
        for (int k = 0; k < 3; k++)
        {
            IReadOnlyDictionary<string, float[]> outputs = run.Next(("x", x), ("dy", dy));
            for (int i = 0; i < 1000; i++) Assert.AreEqual(1.5 * outputs["y"][i], outputs["dx"][i], 1e-5, $"entry {i}");
            int differ = outputs["y"].Zip(outputs["z"]).Count(pair => pair.First == 0 != (pair.Second == 0));
            Assert.AreEqual(480, differ, 80, "masks of 1,000 entries differ in 2 · 0.4 · 0.6 of them");
        }
    }

    [TestMethod]
    public void TheSeedDecidesAndALaterStartGoesOn()
    {
        float[] Draws(int seed, int before, int runs)
        {
            using RandomGraphRun run = new(Twice(0.5f), seed, before);
            Tensor ones = Tensor.Filled(ElementType.Float, [20, 50], 1);
            var draws = new List<float>();
            for (int i = 0; i < runs; i++)
            {
                IReadOnlyDictionary<string, float[]> drawn = run.Next(("x", ones), ("dy", ones));
                draws.AddRange(drawn["y"].Concat(drawn["z"]));
            }
            return [.. draws];
        }
        float[] all = Draws(1, 0, 6);
        CollectionAssert.AreNotEqual(all, Draws(2, 0, 6));
        for (int before = 0; before < 6; before++)
            CollectionAssert.AreEqual(all[(2000 * before)..], Draws(1, before, 6 - before), $"after {before} runs");
    }

    [TestMethod]
    public void OutsideTrainingAndOnCudaTheOperatorStays()
    {
        Graph evaluation = Twice(0.5f, training: false), cuda = Twice(0.5f);
        RandomLowering.Apply(evaluation, LoweringTarget.Cpu, NoStep);
        RandomLowering.Apply(cuda, new() { Device = ExecutionDevice.Cuda }, NoStep);
        RandomSeeds.Apply(cuda, 1);
        Assert.AreEqual(2, evaluation.Nodes.Count(node => node.Op == "Dropout"));
        long[] seeds = [.. cuda.Nodes.Where(node => node.Op == "Dropout").Select(node => node.Int("seed", 0))];
        Assert.AreEqual(2, seeds.Distinct().Count(seed => seed > 0));
    }

    [TestMethod]
    public void ForwardAndBackwardPassShareTheFactor()
    {
        Graph graph = Twice(0.5f);
        RandomLowering.Apply(graph, LoweringTarget.Cpu, () => graph.AddInput(StepGraph.Step, ElementType.Int64, Shape.Of(1)));
        LoweringPipeline.Apply(new Model(graph), LoweringTarget.Cpu);
        Dictionary<string, int> count = graph.Nodes.CountBy(node => node.Op.Type).ToDictionary();
        Assert.AreEqual(2, count["Dropout"], "a mask for each");
        Assert.AreEqual(2, count["Cast"], "and a factor");
        Assert.AreEqual(3, count["Mod"], "one shift for both");
    }

    private static Value NoStep() => throw new AssertFailedException("nothing is drawn");

    /// <summary>y = Dropout(x), dx of dy, z = Dropout(x) by another node.</summary>
    private static Graph Twice(float ratio, bool training = true)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("rows"), Dim.Symbol("columns")));
        Value dy = graph.AddInput("dy", ElementType.Float, x.Shape);
        Value rate = graph.AddInitializer("ratio", Tensor.Scalar(ratio)), mode = graph.AddInitializer("mode", Tensor.Scalar(training));
        Value[] first = LoweringRun.Add(graph, "Dropout", [x, rate, mode], [], "y", "mask");
        Value[] second = LoweringRun.Add(graph, "Dropout", [x, rate, mode], [], "z");
        Value[] back = LoweringRun.Add(graph, "com.microsoft::DropoutGrad", [dy, first[1], rate, mode], [], "dx");
        foreach (Value output in new[] { first[0], back[0], second[0] }) graph.MarkOutput(output);
        ShapeInference.Apply(graph);
        return graph;
    }
}
