using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runs;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Runs;

/// <summary>A run's values are its session's; the model keeps names and types of them, and what no session has.</summary>
[TestClass]
public sealed class RunMemoryTests
{
    [TestMethod]
    public void TheSessionTakesTheValuesOver()
    {
        using var folder = new TemporaryFolder();
        TrainableModel model = WithMomentsOfAdamW(folder.File("artifacts"));
        Dictionary<string, Tensor> before = model.Checkpoint.Trainable.ToDictionary();
        Assert.Contains(name => name.EndsWith(".v", StringComparison.Ordinal), model.Initial.Keys);
        StepGraph graph = StepGraphBuilder.Build(model.Training, model.Prediction, new() { Optimizer = new SgdSettings() });

        using StepSession session = RunMemory.Open(graph, model, Device.Cpu);
        Assert.IsEmpty(model.Initial, "Moments of another optimizer go too.");
        Assert.IsTrue(model.Checkpoint.OptimizerGroups.All(group => group.Momentums.Count == 0));
        foreach ((string name, Tensor value) in before)
        {
            CollectionAssert.AreEqual(value.Data.ToArray(), session.Read(name).Data.ToArray(), name);
            Assert.AreEqual(value.Type, model.Checkpoint.Trainable[name].Type);
            Assert.AreEqual(0, model.Checkpoint.Trainable[name].Data.Length, name);
        }
    }

    private static TrainableModel WithMomentsOfAdamW(string folder)
    {
        var model = TrainableModel.Open(TestData.Case("mlp"), new());
        var group = new OptimizerGroup("group0") { Step = 3 };
        foreach ((string name, Tensor value) in model.Checkpoint.Trainable)
            group.Momentums[name] = new() { ["momentum0"] = Tensor.Zeros(value.Type, value.Dims), ["momentum1"] = Tensor.Zeros(value.Type, value.Dims) };
        model.Checkpoint.OptimizerGroups.Clear();
        model.Checkpoint.OptimizerGroups.Add(group);
        model.WriteTo(folder);
        return TrainableModel.Open(folder, new());
    }
}
