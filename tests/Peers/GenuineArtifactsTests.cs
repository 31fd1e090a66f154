namespace TrActOnnx.Tests.Peers;

/// <summary>
/// The plain artifacts, as 1.19.2's generator made them, on the genuine runtime: what the rewritten ones are held against.
/// That they reproduce the reference runs shows that this peer is the runtime that the artifacts were made for.
/// </summary>
[TestClass]
[TestCategory("Node")]
public sealed class GenuineArtifactsTests
{
    /// <param name="name">The case.</param>
    /// <param name="compareParameters">
    /// Not with BatchNormalization: a bias before one has a gradient of zero, whose rounding AdamW scales up to a full step.
    /// </param>
    [TestMethod]
    [DataRow("mlp", true)]
    [DataRow("lenet", true)]
    [DataRow("vit_conv", true)]
    [DataRow("vit_linear", true)]
    [DataRow("mobilenet", false)]
    [DataRow("resnet18_stem7", false)]
    [DataRow("seqmlp", true)]
    [DataRow("conv1d", true)]
    public void PlainArtifactsReproduceTheReferenceRun(string name, bool compareParameters)
    {
        Skipped.UnlessOrtTrainingRuns();
        var reference = ReferenceCase.Read(name);
        GenuineRun run = OrtTrainingNode.Train(reference.Folder, reference.Batches);
        Assert.HasCount(reference.Steps, run.Losses);
        for (int step = 0; step < reference.Steps; step++)
            Assert.AreEqual(reference.GenuineLosses[step], run.Losses[step], 1e-5 * Math.Abs(reference.GenuineLosses[step]), $"loss of step {step}");
        CollectionAssert.AreEquivalent(reference.Trainable.ToArray(), run.Parameters.Keys.ToArray());
        if (compareParameters) CompareParameters(reference, run);
    }

    private static void CompareParameters(ReferenceCase reference, GenuineRun run)
    {
        string[] compared = [.. reference.Trainable.Where(parameter => reference.Truth($"plain/after/{parameter}") is not null)];
        Assert.IsNotEmpty(compared);
        foreach (string parameter in compared)
        {
            double[] expected = reference.Truth($"plain/after/{parameter}")!.ToDouble();
            double[] actual = run.Parameters[parameter].ToDouble();
            double scale = Math.Max(expected.Max(Math.Abs), reference.LearningRate * reference.Steps);
            double deviation = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
            // AdamW divides by √v + 1e-6: where a gradient is as small as that, its float32 rounding is a visible part of the step
            // (vit_linear: 1.3e-4).
            Assert.IsLessThanOrEqualTo(5e-4, deviation / scale, $"{parameter}: largest deviation over {scale:g3}");
        }
    }
}
