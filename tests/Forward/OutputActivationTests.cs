using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Losses;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Models;

namespace TrActOnnx.Tests.Forward;

/// <summary>What makes probabilities of a prediction is read from the loss.</summary>
[TestClass]
public sealed class OutputActivationTests
{
    public static IEnumerable<object[]> Losses =>
    [
        [new CrossEntropyLoss(), OutputActivation.Softmax],
        [new CrossEntropyLoss { LabelSmoothing = 0.1f }, OutputActivation.Softmax],
        [new CrossEntropyLoss { SoftTargets = true }, OutputActivation.Softmax],
        [new BceWithLogitsLoss(), OutputActivation.Sigmoid],
        [new BceWithLogitsLoss { PosWeight = [2] }, OutputActivation.Sigmoid],
        [new MseLoss(), OutputActivation.None],
        [new L1Loss(), OutputActivation.None],
    ];

    [TestMethod]
    [DynamicData(nameof(Losses))]
    public void OfOurOwn(Loss loss, OutputActivation expected)
    {
        string forward = Path.Combine(TestData.Case("lenet"), "forward.onnx");
        var model = TrainableModel.Open(forward, new() { Loss = loss });
        Assert.AreEqual(expected, OutputActivations.InLoss(model.Evaluation, model.Prediction), $"{loss}");
    }

    [TestMethod]
    [DataRow("lenet", OutputActivation.Softmax)]
    [DataRow("binary_bce", OutputActivation.Sigmoid)]
    [DataRow("regress_mse", OutputActivation.None)]
    [DataRow("regress_l1", OutputActivation.None)]
    public void OfGenuineArtifacts(string name, OutputActivation expected)
    {
        var model = TrainableModel.Open(TestData.Case(name), new());
        Assert.AreEqual(expected, OutputActivations.InLoss(model.Evaluation, model.Prediction));
    }

    /// <summary>Softplus of a prediction is binary cross-entropy only beside the prediction times its targets.</summary>
    [TestMethod]
    [DataRow(false, OutputActivation.None)]
    [DataRow(true, OutputActivation.Sigmoid)]
    public void SoftplusAloneIsAnotherLoss(bool hasTargets, OutputActivation expected)
    {
        Model model = TrainingGraphs.Empty();
        Value x = model.Graph.AddInput("x", ElementType.Float, Shape.Of(4, 3)), labels = model.Graph.AddInput("labels", ElementType.Float, Shape.Of(4, 3));
        using (OpBuilder op = model.Graph.BuildAtEnd("loss"))
        {
            Value y = op.Op("Tanh", [x]);
            TrainingGraphs.Output(y, "Y");
            TrainingGraphs.Output(op.Op("ReduceMean", [op.Op("Softplus", [y]) - ((hasTargets ? y : op.Op("Exp", [x])) * labels)]), "loss");
        }
        Assert.AreEqual(expected, OutputActivations.InLoss(model, "Y"));
    }
}
