using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>
/// The averages of a step graph against the recursion in float64 over the weights that the same session has after each update; what is averaged, and
/// that training itself stays as it is. A model with BatchNormalization: its running statistics are averaged too.
/// </summary>
[TestClass]
public sealed class MovingAverageTests
{
    private const int Updates = 6, Columns = 3, Classes = 3, BatchSize = 16;

    /// <summary>Of the largest entry: float32 rounds each of six steps by 6e-8.</summary>
    private const double Bound = 1e-6;

    [TestMethod]
    [DataRow(0.999, 1, DisplayName = "warming up all the while")]
    [DataRow(0.3, 1, DisplayName = "warm after three updates")]
    [DataRow(0.999, 2, DisplayName = "gradients of two batches")]
    public void AreTheRecursionOverTheWeights(double decay, int accumulate)
    {
        using var folder = new TemporaryFolder();
        var model = TrainableModel.Open(ColumnsModel.Write(folder.File("forward.onnx"), Columns, Classes, normalizes: true), new());
        using StepSession averaging = Session(model, decay, accumulate), plain = Session(model, decay: null, accumulate);
        string[] averaged = [.. averaging.Graph.Averages.Keys];
        CollectionAssert.AreEquivalent(
            new[] { "first.weight", "first.bias", "second.weight", "second.bias", "bn.0", "bn.1", "bn.2", "bn.3" }, averaged, "the statistics too");
        Dictionary<string, double[]> expected = averaged.ToDictionary(name => name, name => averaging.Read(name).ToDouble());
        foreach (string name in averaged)
            CollectionAssert.AreEqual(expected[name], averaging.ViewAveraged(name).ToDouble(), $"{name}: begins as the weights");

        for (int batch = 0; batch < Updates * accumulate; batch++)
        {
            bool updates = batch % accumulate == accumulate - 1;
            Dictionary<string, double[]> kept = averaged.ToDictionary(name => name, name => averaging.ViewAveraged(name).ToDouble());
            Step(averaging, batch, updates);
            Step(plain, batch, updates);
            int t = (batch + 1) / accumulate;
            double d = Math.Min(decay, (1.0 + t) / (10 + t));
            foreach (string name in averaged)
            {
                double[] now = averaging.Read(name).ToDouble(), before = expected[name];
                CollectionAssert.AreEqual(plain.Read(name).ToDouble(), now, $"{name}: training stays as it is");
                if (!updates)
                {
                    CollectionAssert.AreEqual(kept[name], averaging.ViewAveraged(name).ToDouble(), $"{name}: no update, no average");
                    continue;
                }
                expected[name] = [.. before.Zip(now, (average, weight) => (d * average) + ((1 - d) * weight))];
                Deviation.AssertWithin(expected[name], averaging.ViewAveraged(name).ToDouble(), Bound);
            }
        }
        Assert.IsGreaterThan(1e-3, Largest(expected["first.weight"], averaging.Read("first.weight").ToDouble()), "the average lags behind");
        Assert.IsGreaterThan(1e-3, Largest(expected["bn.3"], averaging.Read("bn.3").ToDouble()), "that of a statistic too");
    }

    /// <summary>A checkpoint holds them; its averaged one has them in the weights' places, and one of a run without them has none.</summary>
    [TestMethod]
    public void AreInTheCheckpoint()
    {
        using var folder = new TemporaryFolder();
        var model = TrainableModel.Open(ColumnsModel.Write(folder.File("forward.onnx"), Columns, Classes, normalizes: true), new());
        using StepSession session = Session(model, 0.9, accumulate: 1);
        for (int batch = 0; batch < 3; batch++) Step(session, batch, updates: true);
        Checkpoint kept = StepInitials.ToCheckpoint(session.Graph, model.Checkpoint, session.Read, 0.1f);
        kept.Write(folder.File("checkpoint"));
        var read = Checkpoint.Read(folder.File("checkpoint"));
        Checkpoint averaged = StepInitials.Averaged(read, session.Graph.Names)!;
        CollectionAssert.AreEqual(model.Checkpoint.Trainable.Keys, averaged.Trainable.Keys);
        CollectionAssert.AreEqual(model.Checkpoint.Frozen.Keys, averaged.Frozen.Keys, "the statistics, and no averages");
        foreach ((string name, Tensor value) in averaged.Trainable.Concat(averaged.Frozen))
            CollectionAssert.AreEqual(session.ViewAveraged(name).ToDouble(), value.ToDouble(), name);

        using StepSession without = Session(model, decay: null, accumulate: 1);
        Checkpoint plain = StepInitials.ToCheckpoint(without.Graph, read, without.Read, 0.1f);
        CollectionAssert.AreEqual(model.Checkpoint.Frozen.Keys, plain.Frozen.Keys);
        Assert.IsNull(StepInitials.Averaged(plain, without.Graph.Names));
    }

    private static StepSession Session(TrainableModel model, double? decay, int accumulate)
    {
        StepGraph graph = StepGraphBuilder.Build(
            model.Training, model.Prediction, new() { Optimizer = new AdamWSettings(), Accumulate = accumulate, AverageDecay = decay });
        return new(graph, model.Initial, Device.Cpu) { LearningRate = 0.1f };
    }

    private static void Step(StepSession session, int batch, bool updates)
    {
        var random = new Random(batch);
        session.ApplyUpdate = updates;
        Tensor columns = Tensor.Of([BatchSize, Columns], [.. Enumerable.Range(0, BatchSize * Columns).Select(_ => (float)random.NextDouble())]);
        Tensor labels = Tensor.Vector([.. Enumerable.Range(0, BatchSize).Select(_ => (long)random.Next(Classes))]);
        using var feeds = new BatchFeeds(session.Graph.BatchInputs.Zip([columns, labels]).ToDictionary());
        session.Step(feeds.Values).Dispose();
    }

    private static double Largest(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
