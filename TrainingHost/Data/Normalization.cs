using GraphRewrite.Diagnostics;

namespace TrainingHost.Data;

/// <summary>Per channel (or column): x = (raw · scale − mean) / std.</summary>
internal sealed record Normalization(IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    private const double White = 255;

    /// <summary>With what is given of one's own; a single number holds for all channels.</summary>
    /// <param name="channels">How many there are.</param>
    /// <param name="mean">--mean.</param>
    /// <param name="std">--std.</param>
    /// <exception cref="GraphRewriteException">There are neither one nor as many numbers as channels.</exception>
    public static Normalization Given(int channels, IReadOnlyList<double> mean, IReadOnlyList<double> std)
    {
        return new(Spread("--mean", mean), Spread("--std", std));

        IReadOnlyList<double> Spread(string option, IReadOnlyList<double> numbers) => numbers.Count == channels ? numbers
            : numbers.Count == 1 ? [.. Enumerable.Repeat(numbers[0], channels)]
            : throw new GraphRewriteException(
                $"{option}: {numbers.Count} numbers, the model's input has {channels} channels. Give one number, or one each");
    }

    /// <summary>For every byte p of a channel, (p/255 − mean) / std.</summary>
    public float[] Table(int channel) => [.. Enumerable.Range(0, 256).Select(p => (float)(((p / White) - Mean[channel]) / Std[channel]))];

    /// <summary>The same as x = p · factor + offset, for pixels between two bytes.</summary>
    public (float Factor, float Offset) Line(int channel) => ((float)(1 / (White * Std[channel])), (float)(-Mean[channel] / Std[channel]));
}
