using GraphRewrite.IR;
using GraphRewrite.Losses;
using TrainingHost.Benchmarks;
using TrainingHost.Data;
using TrainingHost.Data.Sources;
using TrainingHost.Models;

namespace TrActOnnx.Tests.Models;

/// <summary>Synthetic labels are of the kind that the model's loss compares with: for kl-div probabilities, in train and in bench.</summary>
[TestClass]
public sealed class SyntheticInputsTests
{
    private const int Examples = 16, Classes = 10;

    [TestMethod]
    public void LabelsOfKlDivAreProbabilities()
    {
        float[] labels = Labels(new KlDivLoss());
        Assert.HasCount(Examples * Classes, labels);
        foreach (float[] row in labels.Chunk(Classes)) Assert.AreEqual(1f, row.Sum(), 1e-6f);
        Assert.IsGreaterThan(0f, labels.Min());
    }

    [TestMethod]
    public void LabelsOfOtherLossesAreUniform()
    {
        foreach (Loss loss in new Loss[] { new MseLoss(), new L1Loss(), new HuberLoss(), new BceWithLogitsLoss() })
        {
            float[] labels = Labels(loss);
            Assert.IsTrue(Array.TrueForAll(labels, label => label is >= 0 and < 1), loss.Name);
            Assert.AreEqual(0.5f, labels.Average(), 0.1f, loss.Name);
            Assert.IsGreaterThan(0.5f, labels.Chunk(Classes).Max(row => Math.Abs(row.Sum() - 1)), $"{loss.Name}: no probabilities");
        }
    }

    [TestMethod]
    public void BatchesOfBenchAreTheSame()
    {
        TrainableModel model = Open(new KlDivLoss());
        IReadOnlyDictionary<string, Tensor> batch = RandomTensors.Batch(model.Training, model.Prediction, Examples, seed: 1);
        CollectionAssert.AreEqual(model.Training.BatchInputs.ToArray(), batch.Keys.ToArray());
        CollectionAssert.AreEqual(Labels(new KlDivLoss()), batch[model.Training.Labels].Span<float>().ToArray());
    }

    private static float[] Labels(Loss loss)
    {
        IDataset data = ModelData.Open(new() { Data = DataSource.Synthetic }, Open(loss), seed: 1).Training;
        var batch = new Batch(data, Examples);
        data.Fill([.. Enumerable.Range(0, Examples)], batch);
        return batch.Labels.Floats;
    }

    private static TrainableModel Open(Loss loss) => TrainableModel.Open(Path.Combine(TestData.Case("mlp"), "forward.onnx"), new() { Loss = loss });
}
