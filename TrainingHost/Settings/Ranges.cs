using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>The ranges that numbers on a command line have; null, which is an option not given, is in all of them.</summary>
internal static class Ranges
{
    /// <exception cref="GraphRewriteException">It is below 1.</exception>
    public static void AtLeastOne(string option, long? value)
    {
        if (value < 1) throw new GraphRewriteException($"{option} {value}: must be at least 1.");
    }

    /// <exception cref="GraphRewriteException">It is outside [0, 1).</exception>
    public static void BelowOne(string option, double? value)
    {
        if (value is { } number && !(number >= 0 && number < 1))
            throw new GraphRewriteException($"{option} {value}: must be 0 or above, and below 1.");
    }

    /// <exception cref="GraphRewriteException">It is negative, infinite or no number.</exception>
    public static void NotNegative(string option, double? value)
    {
        if (value is { } number && !(number >= 0 && double.IsFinite(number)))
            throw new GraphRewriteException($"{option} {value}: must be a finite number, 0 or above.");
    }
}
