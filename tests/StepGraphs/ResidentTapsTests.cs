using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Lowering;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>A step graph whose weights are kept tap by tap trains as one that keeps them whole, to the bit: only copies are saved.</summary>
[TestClass]
public sealed class ResidentTapsTests
{
    private const int Channels = 136, Classes = 3, BatchSize = 4, Steps = 3;

    public static IEnumerable<object[]> Cases =>
    [
        ["all by positions", "conv=positions,dX=positions,dW=positions", 2, new AdamWSettings { WeightDecay = 0.1, DecayMatricesOnly = true }],
        ["a gradient with channels last", "conv=positions,dX=positions,dW=volume", 2, new AdamWSettings()],
        ["a gradient of another layout", "conv=positions,dX=positions,dW=swapped", 2, new SgdSettings { Momentum = 0.9 }],
        ["taps that see the padding alone", "conv=positions,dX=positions,dW=positions", 1, new SgdSettings { WeightDecay = 0.1 }],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void TrainAsWholeWeightsDo(string name, string forms, int height, OptimizerSettings optimizer)
    {
        using var folder = new TemporaryFolder();
        var model = TrainableModel.Open(Write(folder.File("forward.onnx"), height), new());
        using StepSession apart = Session(model, forms, optimizer, keepsTaps: true), whole = Session(model, forms, optimizer, keepsTaps: false);
        foreach (string weight in (string[])["first.weight", "second.weight"])
        {
            Assert.HasCount(9, apart.Graph.InputsOf(weight), $"{name}: {weight} is kept tap by tap");
            Assert.HasCount(1, whole.Graph.InputsOf(weight));
        }
        CollectionAssert.AreEqual(whole.Graph.State.ToArray(), apart.Graph.State.ToArray(), "under the same names");
        for (int batch = 0; batch < 2 * Steps; batch++)
        {
            Step(apart, batch, height);
            Step(whole, batch, height);
            foreach (string state in whole.Graph.State)
            {
                Assert.AreEqual(whole.Read(state).ToString(), apart.Read(state).ToString(), $"{name}: {state}");
                CollectionAssert.AreEqual(whole.Read(state).Data.ToArray(), apart.Read(state).Data.ToArray(), $"{name}: {state} after batch {batch}");
                CollectionAssert.AreEqual(whole.ReadBefore(state).Data.ToArray(), apart.ReadBefore(state).Data.ToArray(), $"{name}: {state} before it");
            }
        }
        Assert.IsTrue(apart.Read("first.weight").ToDouble().Zip(model.Initial["first.weight"].ToDouble()).Any(pair => pair.First != pair.Second));
    }

    /// <summary>What other nodes read is kept whole, and so is what the caller wants the gradient of.</summary>
    [TestMethod]
    public void AreOnlyOfWhatNothingElseReads()
    {
        using var folder = new TemporaryFolder();
        var model = TrainableModel.Open(Write(folder.File("forward.onnx"), height: 2, readsFirstWeight: true), new());
        StepGraph graph = Graph(model, "conv=positions,dX=positions,dW=positions", new SgdSettings(), keepsTaps: true);
        Assert.HasCount(1, graph.InputsOf("first.weight"));
        Assert.HasCount(9, graph.InputsOf("second.weight"));
    }

    private static StepSession Session(TrainableModel model, string forms, OptimizerSettings optimizer, bool keepsTaps) =>
        new(Graph(model, forms, optimizer, keepsTaps), model.Initial, Device.Cpu) { LearningRate = 0.01f };

    private static StepGraph Graph(TrainableModel model, string forms, OptimizerSettings optimizer, bool keepsTaps) =>
        StepGraphBuilder.Build(model.Training, model.Prediction, new()
        {
            Optimizer = optimizer,
            Target = Device.Cpu.Target with { Forced = FormulationTable.Parse(forms) },
            BatchSize = BatchSize,
            Accumulate = 2,
            AverageDecay = 0.9,
            KeepsTaps = keepsTaps,
        });

    private static void Step(StepSession session, int batch, int height)
    {
        var random = new Random(batch);
        session.ApplyUpdate = batch % 2 == 1;
        Tensor images = Random(random, BatchSize, Channels, height, 2);
        Tensor labels = Tensor.Vector([.. Enumerable.Range(0, BatchSize).Select(_ => (long)random.Next(Classes))]);
        using var feeds = new BatchFeeds(session.Graph.BatchInputs.Zip([images, labels]).ToDictionary());
        session.Step(feeds.Values).Dispose();
    }

    /// <summary>images [N, C, H, 2] → Conv 3x3 → Relu → Conv 3x3 → Flatten → Gemm.</summary>
    private static string Write(string path, int height, bool readsFirstWeight = false)
    {
        var random = new Random(2);
        var graph = new Graph("images", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        Value x = graph.AddInput("images", ElementType.Float, new([Dim.Symbol("N"), Channels, height, 2]));
        using (OpBuilder op = graph.BuildAtEnd("model"))
        {
            Value first = Weight("first.weight", Channels, Channels, 3, 3);
            Value hidden = op.Op("Relu", [op.Op("Conv", [x, first], ("pads", (long[])[1, 1, 1, 1]))]);
            hidden = op.Op("Conv", [hidden, Weight("second.weight", Channels, Channels, 3, 3)], ("pads", (long[])[1, 1, 1, 1]));
            if (readsFirstWeight) hidden += op.ReduceMean(first, [0, 1, 2, 3], keepDims: true);
            Value y = op.Gemm(op.Op("Flatten", [hidden]), Weight("third.weight", Channels * height * 2, Classes));
            (y.Type, y.Shape) = (ElementType.Float, new([Dim.Symbol("N"), Classes]));
            graph.MarkOutput(y);
        }
        OnnxWriter.Write(new Model(graph), path);
        return path;

        Value Weight(string name, params long[] dims) => graph.AddInitializer(name, Random(random, dims));
    }

    private static Tensor Random(Random random, params long[] dims) =>
        Tensor.Of(dims, [.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(_ => (float)(random.NextDouble() - 0.5) / 10)]);
}
