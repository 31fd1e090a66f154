using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>What is bound as input and output at once must have been read before it is written, in whatever order a runtime takes the nodes.</summary>
[TestClass]
public sealed class InPlaceTests
{
    public static IEnumerable<object[]> Cases =>
        from name in (string[])["lenet", "resnet18_w8_adamw", "vit_conv", "mlp"]
        from optimizer in (OptimizerSettings[])
        [
            new AdamWSettings { WeightDecay = 0.1 },
            new AdamWSettings { Mode = AdamMode.HuggingFace, ClipNorm = 1 },
            new SgdSettings { Momentum = 0.9 },
            new SgdSettings { Momentum = 0.9, Nesterov = true, WeightDecay = 0.1 },
        ]
        select new object[] { name, optimizer };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void NothingIsReadAfterItIsWritten(string name, OptimizerSettings optimizer)
    {
        var artifacts = TrainingArtifacts.Read(TestData.Case(name));
        StepGraph step = StepGraphBuilder.Build(
            artifacts.Training, artifacts.Prediction, new() { Optimizer = optimizer, AverageDecay = 0.9, KeepsTaps = true });
        CollectionAssert.AreEquivalent(
            step.Trainable.SelectMany(p => optimizer.Moments.Select(moment => $"{p}.{moment}")).ToArray(), step.InPlace.ToArray());
        foreach (string input in step.InPlace.SelectMany(step.InputsOf))
        {
            Node writer = step.Model.Graph.Get(step.Names.New(input)).Producer!;
            HashSet<Node> before = [.. Walk.Upstream(writer.Inputs.OfType<Value>()).Select(value => value.Producer).OfType<Node>()];
            foreach (Node reader in Walk.UsesThroughViews(step.Model.Graph.Get(input)).Select(use => use.Node))
                Assert.IsTrue(reader != writer && before.Contains(reader), $"{reader} reads '{input}', which {writer} writes");
        }
    }
}
