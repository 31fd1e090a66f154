using TrainingHost.Runs;

namespace TrActOnnx.Tests.Runs;

/// <summary>Scores of predictions that are few enough to count by hand.</summary>
[TestClass]
public sealed class ClassificationScoresTests
{
    /// <summary>Labels 0 0 1 2, predictions 0 1 1 1.</summary>
    [TestMethod]
    public void OfFourExamples()
    {
        var scores = new ClassificationScores(3);
        scores.Add([0.6f, 0.3f, 0.1f], 0, areProbabilities: true);
        scores.Add([0.2f, 0.7f, 0.1f], 0, areProbabilities: true);
        scores.Add([0.1f, 0.9f, 0f], 1, areProbabilities: true);
        scores.Add([0f, 1f, 0f], 2, areProbabilities: true);
        Assert.AreEqual(4, scores.Examples);
        Assert.AreEqual(0.5, scores.Top1);
        Assert.IsNull(scores.Top5, "every label is among five of three");
        Assert.AreEqual((1L, 1L, 0L), (scores[0, 0], scores[0, 1], scores[0, 2]));
        Assert.AreEqual((0L, 1L, 0L), (scores[2, 0], scores[2, 1], scores[2, 2]));
        IReadOnlyList<ClassScore> classes = scores.PerClass(["cat", "dog"]);
        Assert.AreEqual(new ClassScore("cat", 2, 1, 0.5, 1, 2.0 / 3), classes[0]);
        Assert.AreEqual(new ClassScore("dog", 1, 3, 1, 1.0 / 3, 0.5), classes[1]);
        Assert.AreEqual(new ClassScore("2", 1, 0, 0, null, null), classes[2]);
        // Each in a bin of its own: |1 − 0.6|, |0 − 0.7|, |1 − 0.9|, |0 − 1|, a quarter of the examples each.
        Assert.AreEqual((0.4 + 0.7 + 0.1 + 1) / 4, scores.Calibration.ExpectedError(), 1e-7);
    }

    [TestMethod]
    public void ConfidencesShareBins()
    {
        var calibration = new Calibration(bins: 2);
        (double, bool)[] predictions = [(0.5, true), (0.3, false), (0.9, true), (0.7, true)];
        foreach ((double probability, bool right) in predictions) calibration.Add(probability, right);
        IReadOnlyList<ReliabilityBin> bins = calibration.Table();
        Assert.AreEqual((0, 0.5, 2L, 0.4, 0.5), (bins[0].From, bins[0].To, bins[0].Examples, bins[0].Confidence!.Value, bins[0].Accuracy!.Value));
        Assert.AreEqual(0.8, bins[1].Confidence!.Value, 1e-12);
        Assert.AreEqual((0.5 * 0.1) + (0.5 * 0.2), calibration.ExpectedError(), 1e-12);
    }

    [TestMethod]
    public void TheTopFiveOfSix()
    {
        var scores = new ClassificationScores(6);
        float[] logits = [6, 5, 4, 3, 2, 1];
        for (int label = 0; label < 6; label++) scores.Add(logits, label, areProbabilities: false);
        Assert.AreEqual(5.0 / 6, scores.Top5);
        var equal = new ClassificationScores(6);
        for (int label = 0; label < 6; label++) equal.Add([1, 1, 1, 1, 1, 1], label, areProbabilities: false);
        Assert.AreEqual((1.0 / 6, 5.0 / 6), (equal.Top1, equal.Top5!.Value), "of equal logits the first comes first");
    }

    [TestMethod]
    public void LogitsBecomeProbabilities()
    {
        double[] p = ClassificationScores.Softmax([1000f, 1000f + MathF.Log(2), 1000f]);
        Assert.AreEqual(0.5, p[1], 1e-4);
        Assert.AreEqual(1, p.Sum(), 1e-12);
    }
}
