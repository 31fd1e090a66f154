using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Losses;
using GraphRewrite.Optimizers;
using GraphRewrite.Serialization;
using GraphRewrite.StepGraphs;
using TrainingHost.Models;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.StepGraphs;

/// <summary>Dropout exported in inference form, with its mode absent or false, drops again in training and not in evaluation.</summary>
[TestClass]
public sealed class InferenceDropoutTests
{
    private const int Batch = 16, Width = 64;

    [TestMethod]
    [DataRow(12, false)]
    [DataRow(12, true)]
    [DataRow(22, false)]
    [DataRow(22, true)]
    public void DropsAgain(int opset, bool hasMode)
    {
        var graph = new Graph("drops", new Dictionary<string, long> { [OpId.Onnx] = opset });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), Width));
        Value w = graph.AddInitializer("w", Tensor.Filled(ElementType.Float, [Width], 1));
        using (OpBuilder op = graph.BuildAtEnd("f"))
        {
            Value product = x * w, ratio = op.ScalarLike(product, 0.5);
            graph.MarkOutput(op.Op("Dropout", hasMode ? [product, ratio, op.Constant(Tensor.Scalar(false))] : [product, ratio]));
        }
        using var folder = new TemporaryFolder();
        OnnxWriter.Write(new(graph), folder.File("model.onnx"));
        var model = TrainableModel.Open(folder.File("model.onnx"), new() { Loss = new MseLoss() });
        StepGraph step = StepGraphBuilder.Build(
            model.Training, model.Prediction, new() { Optimizer = new SgdSettings(), OutputGradients = true, Seed = 1 });
        using StepSession session = new(step, model.Initial, Device.Cpu);
        using var feeds = new BatchFeeds(new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Filled(ElementType.Float, [Batch, Width], 1),
            ["labels"] = Tensor.Filled(ElementType.Float, [Batch, Width], 0),
        });
        using StepOutputs outputs = session.Step(feeds.Values);
        float[] y = outputs.Floats(step.Prediction).ToArray(), dW = outputs.Floats("w_grad").ToArray();
        Assert.AreEqual(Batch * Width / 2, y.Count(value => value == 0), 5 * Math.Sqrt(Batch * Width / 4.0));
        Assert.AreEqual(Batch * Width, y.Count(value => value is 0 or 2), "what stays is divided by the keep rate");
        // loss = mean(y²), y = 2 w x where kept: dw = Σ over the batch of 2 y · 2 / N.
        for (int column = 0; column < Width; column++)
            Assert.AreEqual(Enumerable.Range(0, Batch).Sum(row => 4.0 * y[(row * Width) + column] / (Batch * Width)),
                dW[column], 1e-5, $"entry {column}");
        Assert.IsTrue(model.Evaluation.Graph.Nodes.Where(node => node.Op == "Dropout")
            .All(node => node.InOrNull(2) is not { Elements: [var mode] } || mode == 0), "evaluation keeps everything");
    }
}
