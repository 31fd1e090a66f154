using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.Commands;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>
/// Several batches that make one step give what one batch of all their examples gives, for a mean loss without BatchNormalization and TrAct.
/// </summary>
[TestClass]
public sealed class GradientAccumulationTests
{
    /// <summary>Against the largest entry: float32 sums in another order.</summary>
    private const double Bound = 1e-5;

    public static IEnumerable<object[]> Optimizers =>
    [
        ["SGD, momentum", new SgdSettings { Momentum = 0.9, WeightDecay = 0.01 }],
        ["SGD, clipped", new SgdSettings { ClipNorm = 0.1 }],
        // ε far above √v's rounding: AdamW divides by it where a gradient is nearly zero.
        ["AdamW", new AdamWSettings { Epsilon = 1e-2 }],
    ];

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    public void EqualsALargerBatch(string name, OptimizerSettings optimizer)
    {
        var reference = ReferenceCase.Read("lenet");
        using StepSession parts = Session(optimizer, accumulate: 2), whole = Session(optimizer, accumulate: 1);
        for (int step = 0; step < 2; step++)
        {
            IReadOnlyList<Tensor> first = reference.Batches[2 * step % reference.Steps],
                second = reference.Batches[((2 * step) + 1) % reference.Steps];
            byte[] before = parts.Read("conv1.weight").Data.ToArray();
            Step(parts, first, apply: false);
            CollectionAssert.AreEqual(before, parts.Read("conv1.weight").Data.ToArray(), "a batch before the last must leave the parameters");
            Assert.AreEqual(step, parts.Read(StepGraph.Step).ToInt64().Single());
            Step(parts, second, apply: true);
            Step(whole, [.. first.Zip(second, Joined)], apply: true);
            foreach (string state in whole.Graph.State)
            {
                double[] expected = whole.Read(state).ToDouble(), actual = parts.Read(state).ToDouble();
                Assert.IsLessThanOrEqualTo(Bound * expected.Max(Math.Abs),
                    expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max(), $"{name}: {state} after step {step + 1}");
            }
        }
    }

    [TestMethod]
    public void TrainTakesTheSameSteps()
    {
        using var folder = new TemporaryFolder();
        OrderedDictionary<string, Tensor> Train(string run, params string[] options)
        {
            Verb.Run(["train", "--model", TestData.Case("lenet"), "--data", "synthetic", "--no-tract",
                "--optimizer", "sgd", "--steps", "3", "--output", folder.File(run), .. options]);
            return Checkpoint.Read(Path.Combine(folder.File(run), ArtifactFiles.Checkpoint)).Trainable;
        }
        OrderedDictionary<string, Tensor> parts = Train("parts", "--batch-size", "16", "--accumulate", "4"),
            whole = Train("whole", "--batch-size", "64");
        foreach ((string name, Tensor expected) in whole)
        {
            double[] p = expected.ToDouble();
            Assert.IsLessThanOrEqualTo(Bound * p.Max(Math.Abs), p.Zip(parts[name].ToDouble(), (e, a) => Math.Abs(e - a)).Max(), name);
        }
    }

    private static StepSession Session(OptimizerSettings optimizer, int accumulate)
    {
        TrainingArtifacts artifacts = TrainingArtifacts.Read(TestData.Case("lenet"));
        OrderedDictionary<string, Tensor> initial = StepInitials.From(artifacts.Checkpoint!, StepNames.Beside(artifacts.Training));
        StepGraph graph = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new() { Optimizer = optimizer, Accumulate = accumulate });
        return new(graph, initial, Device.Cpu) { LearningRate = 0.05f };
    }

    private static void Step(StepSession session, IReadOnlyList<Tensor> batch, bool apply)
    {
        session.ApplyUpdate = apply;
        using var feeds = new BatchFeeds(session.Graph.BatchInputs.Zip(batch).ToDictionary(pair => pair.First, pair => pair.Second));
        session.Step(feeds.Values).Dispose();
    }

    private static Tensor Joined(Tensor a, Tensor b) =>
        new(a.Type, [a.Dims[0] + b.Dims[0], .. a.Dims.Skip(1)], (byte[])[.. a.Data.Span, .. b.Data.Span]);
}
