using GraphRewrite.Artifacts;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>A step graph for CUDA decides nothing in the midst of a step, and its gradient is the true one: it is run on the CPU here.</summary>
[TestClass]
public sealed class DoubleBranchTests
{
    /// <summary>Of the largest entry: float32's rounding in the layers behind.</summary>
    private const double Bound = 1e-5;

    [TestMethod]
    [DataRow("lenet")]
    [DataRow("mlp")]
    [DataRow("vit_linear")]
    public void OnCudaTheClosedFormIsInDoubleAlways(string name)
    {
        var reference = ReferenceCase.Read(name);
        var model = TrainableModel.Open(reference.Folder, new());
        model.Apply(new(), batchSize: null);
        Assert.IsTrue(Built(ExecutionDevice.Cpu).Model.Graph.Nodes.Any(node => node.Op == "If"), "the CPU decides");
        StepGraph graph = Built(ExecutionDevice.Cuda);
        Assert.IsFalse(graph.Model.Graph.Nodes.Any(node => node.Op == "If"), "CUDA does not");

        using var session = new StepSession(graph, model.Initial, Device.Cpu) { Lambda = model.Lambda!.Value };
        Dictionary<string, Tensor> batch = graph.BatchInputs.Zip(reference.Batches[0]).ToDictionary();
        using var feeds = new BatchFeeds(batch);
        using StepOutputs outputs = session.Step(feeds.Values);
        string[] held = [.. reference.Trainable.Where(parameter => reference.Truth($"tract/grad/{parameter}") is not null)];
        Assert.IsNotEmpty(held);
        foreach (string parameter in held)
        {
            Deviation.AssertWithin(
                reference.Truth($"tract/grad/{parameter}")!.ToDouble(), outputs.Tensor(GradientNames.Of(parameter)).ToDouble(), Bound);
        }

        StepGraph Built(ExecutionDevice device) => StepGraphBuilder.Build(
            model.Training, model.Prediction, new() { Optimizer = new SgdSettings(), Target = new() { Device = device }, OutputGradients = true });
    }
}
