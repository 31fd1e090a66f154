using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;

namespace TrActOnnx.Tests.Artifacts;

[TestClass]
public sealed class CheckpointSizeTests
{
    /// <summary>What is foretold before a run is what its checkpoint takes, to what surrounds the tensors.</summary>
    [TestMethod]
    [DataRow("mlp_sgd", null)]
    [DataRow("mlp", null)]
    [DataRow("mlp_frozen", 0.9f)]
    [DataRow("resnet18_w8_adamw", 0.9f)]
    public void ItIsKnownBeforeTheFirstStep(string name, float? averageDecay)
    {
        var artifacts = TrainingArtifacts.Read(TestData.Case(name));
        StepGraph graph = StepGraphBuilder.Build(
            artifacts.Training, artifacts.Prediction, new() { Optimizer = artifacts.Optimizer, AverageDecay = averageDecay });
        Checkpoint before = artifacts.Checkpoint!;
        OrderedDictionary<string, Tensor> values = graph.InitialValues(StepInitials.From(before, graph.Names), 0.1f, lambda: null);
        long actual = CheckpointTests.Bytes(StepInitials.ToCheckpoint(graph, before, value => values[value], 0.1f)).Length;
        int tensors = 4 * (before.Trainable.Count + before.Frozen.Count);
        long foretold = StepInitials.SizeOf(graph, before).Total;
        Assert.IsInRange(actual, actual + 4096 + (300 * tensors), foretold);
    }

    [TestMethod]
    public void ItSaysBothFigures() => Assert.AreEqual(
        "3000 MB (1000 MB of parameters, 2000 MB of the optimizer's state)", new CheckpointSize(1_000_000_000, 2_000_000_000).ToString());
}
