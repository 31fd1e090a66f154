namespace TrainingHost.Data;

/// <summary>
/// Mean and standard deviation of pixels p/255 over a training set: mean = Σ h(p)·p / 255N, std² = Σ h(p)·(p/255 − mean)² / N, with h the
/// histogram of the 256 values (one pass over the bytes). The test set is normalized with the training set's numbers.
/// </summary>
internal sealed record PixelStatistics(double Mean, double StandardDeviation)
{
    private const double White = 255;

    public static PixelStatistics Of(ReadOnlySpan<byte> pixels)
    {
        var histogram = new long[256];
        foreach (byte pixel in pixels) histogram[pixel]++;
        double mean = Moment(p => p);
        double std = Math.Sqrt(Moment(p => (p - mean) * (p - mean)));
        // One colour everywhere: nothing to scale, and no division by zero.
        return new(mean, std > 0 ? std : 1);

        double Moment(Func<double, double> of)
        {
            double sum = 0;
            long count = 0;
            for (int p = 0; p < histogram.Length; p++)
            {
                sum += histogram[p] * of(p / White);
                count += histogram[p];
            }
            return sum / count;
        }
    }

    /// <summary>(p/255 − mean) / std for every byte p.</summary>
    public float[] Table() => [.. Enumerable.Range(0, 256).Select(p => (float)(((p / White) - Mean) / StandardDeviation))];
}
