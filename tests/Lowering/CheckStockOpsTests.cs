using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class CheckStockOpsTests
{
    private static readonly LoweringTarget Cuda = new() { Device = ExecutionDevice.Cuda };

    [TestMethod]
    public void NamesAllNodesAtOnce()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(2));
        foreach (OpId op in new OpId[] { "com.microsoft::YieldOp", "Relu", "Upsample", "com.microsoft::ReluGrad", "acme::Fancy" })
            graph.AddNode(op, $"n_{op.Type}", [x]).SetOutput(0, graph.NewValue($"y_{op.Type}"));
        GraphRewriteException error = Assert.ThrowsExactly<GraphRewriteException>(() => CheckStockOps.Apply(graph, LoweringTarget.Cpu));
        Assert.AreEqual(
            "Graph 'g': ONNX Runtime has no kernel for 4 nodes on Cpu: " +
            "'n_YieldOp' (com.microsoft::YieldOp, opset 1): no lowering is known for this operator; write the forward model without it; " +
            "'n_Upsample' (Upsample, opset 21): only other opsets' forms have one; write the model in opset 21 without it; " +
            "'n_ReluGrad' (com.microsoft::ReluGrad, opset 1): it has a lowering; run it first; " +
            "'n_Fancy' (acme::Fancy, opset 1): operators of domain 'acme' are not part of ONNX Runtime.", error.Message);
    }

    [TestMethod]
    public void TrainingBatchNormalizationIsRefusedOnCudaAlone()
    {
        Arg x = Tensor.Filled(ElementType.Float, [2, 3], 1), channel = Tensor.Filled(ElementType.Float, [3], 1);
        var model = OneNodeModel.Of("BatchNormalization", 21, [x, channel, channel, channel, channel], 3, [("training_mode", 1)]);
        CheckStockOps.Apply(model.Graph, LoweringTarget.Cpu);
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => CheckStockOps.Apply(model.Graph, Cuda)).Message, "no training mode");
    }

    /// <summary>The table against the runtime in use: what it says of an operator is what a session says.</summary>
    [TestMethod]
    [DataRow("Relu", 1)]
    [DataRow("Gelu", 1)]
    [DataRow("HardSwish", 1)]
    [DataRow("Softplus", 1)]
    [DataRow("Mish", 1)]
    [DataRow("NonZero", 1)]
    [DataRow("com.microsoft::Gelu", 1)]
    [DataRow("com.microsoft::FastGelu", 1)]
    [DataRow("com.microsoft::QuickGelu", 1)]
    [DataRow("com.microsoft::Inverse", 1)]
    [DataRow("com.microsoft::BiasGelu", 2)]
    [DataRow("com.microsoft::FusedMatMul", 2)]
    [DataRow("Scatter", 3)]
    [DataRow("com.microsoft::ReluGrad", 2)]
    [DataRow("com.microsoft::SigmoidGrad", 2)]
    [DataRow("com.microsoft::BitmaskDropoutGrad", 3)]
    [DataRow("com.microsoft::YieldOp", 1)]
    public void AgreesWithTheRuntime(string op, int inputs)
    {
        Arg?[] square = [.. Enumerable.Repeat<Arg?>(Tensor.Of([2, 2], 2f, 1f, 1f, 3f), inputs)];
        if (op.EndsWith("BiasGelu", StringComparison.Ordinal)) square[1] = Tensor.Vector(1f, 2f);
        var model = OneNodeModel.Of(op, 21, square, 1);
        bool runs = Succeeds(() => new OrtGraphRunner().Run(model.Model, model.Feeds));
        Assert.AreEqual(runs, Succeeds(() => CheckStockOps.Apply(model.Graph, LoweringTarget.Cpu)));
    }

    private static bool Succeeds(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (GraphRewriteException)
        {
            return false;
        }
    }
}
