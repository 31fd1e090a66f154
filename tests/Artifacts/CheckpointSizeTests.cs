using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.StepGraphs;

namespace TrActOnnx.Tests.Artifacts;

[TestClass]
public sealed class CheckpointSizeTests
{
    private const long Parameters = 10_000, State = 20_000;

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
        long actual = StepInitials.ToCheckpoint(graph, before, value => values[value], 0.1f).ToBytes("c").Count;
        int tensors = 4 * (before.Trainable.Count + before.Frozen.Count);
        StepInitials.CheckSize(graph, before, "c", actual + 4096 + (300 * tensors));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<GraphRewriteException>(() => StepInitials.CheckSize(graph, before, "c", actual - 1)).Message,
            "c: the checkpoint would take ");
    }

    [TestMethod]
    public void ItSaysBothFigures() => Assert.AreEqual(
        "c: the checkpoint would take 3000 MB (1000 MB of parameters, 2000 MB of the optimizer's state); its format ends at 2147 MB. "
        + "Take an optimizer with less state (SGD) or fewer parameters.",
        Assert.ThrowsExactly<GraphRewriteException>(
            () => CheckpointSize.Check("c", 100_000 * Parameters, 100_000 * State, CheckpointSize.Limit)).Message);
}
