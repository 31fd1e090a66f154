namespace TrainingHost.Runs;

/// <summary>Predictions of about the same confidence.</summary>
/// <param name="From">Their confidence is above this …</param>
/// <param name="To">… and at most this.</param>
/// <param name="Examples">How many.</param>
/// <param name="Confidence">Their mean confidence; null where there are none.</param>
/// <param name="Accuracy">The part of them that is right; null where there are none.</param>
internal sealed record ReliabilityBin(double From, double To, long Examples, double? Confidence, double? Accuracy);

/// <summary>
/// Whether a model is as sure as it is right (Guo et al. 2017, arXiv 1706.04599): its confidence is the probability of the class that it predicts;
/// expected calibration error = Σ |B|/N · |accuracy(B) − confidence(B)| over bins B of equal width.
/// </summary>
internal sealed class Calibration(int bins = Calibration.DefaultBins)
{
    /// <summary>As in the paper.</summary>
    public const int DefaultBins = 15;

    private readonly long[] examples = new long[bins], right = new long[bins];
    private readonly double[] confidence = new double[bins];

    /// <summary>One prediction.</summary>
    /// <param name="probability">Of the predicted class, 0 to 1.</param>
    /// <param name="isRight">Whether it is the label.</param>
    public void Add(double probability, bool isRight)
    {
        int bin = Math.Clamp((int)Math.Ceiling(probability * bins) - 1, 0, bins - 1);
        examples[bin]++;
        confidence[bin] += probability;
        if (isRight) right[bin]++;
    }

    /// <summary>0: as sure as right; 1: always sure and never right.</summary>
    public double ExpectedError()
    {
        double all = examples.Sum();
        return Enumerable.Range(0, bins).Where(bin => examples[bin] > 0).Sum(bin => Math.Abs(right[bin] - confidence[bin]) / all);
    }

    public IReadOnlyList<ReliabilityBin> Table() =>
    [
        .. Enumerable.Range(0, bins).Select(bin => new ReliabilityBin(
            (double)bin / bins,
            (double)(bin + 1) / bins,
            examples[bin],
            examples[bin] > 0 ? confidence[bin] / examples[bin] : null,
            examples[bin] > 0 ? (double)right[bin] / examples[bin] : null)),
    ];
}
