using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>--batch of a model for inference: how many examples it takes at once.</summary>
/// <param name="Size">Null for any.</param>
internal sealed record BatchAxis(long? Size)
{
    public const string Dynamic = "dynamic";

    /// <exception cref="GraphRewriteException">It is no number from 1 on, nor "dynamic".</exception>
    public static BatchAxis Parse(string text)
    {
        if (text.Equals(Dynamic, StringComparison.OrdinalIgnoreCase)) return new((long?)null);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 ? new(size)
            : throw new GraphRewriteException($"--batch {text}: must be a whole number from 1 on, or {Dynamic}.");
    }

    public override string ToString() => $"--batch {Size?.ToString(CultureInfo.InvariantCulture) ?? Dynamic}";
}
