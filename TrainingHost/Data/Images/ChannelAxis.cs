namespace TrainingHost.Data.Images;

/// <summary>
/// Which of the outer axes of an image counts its channels: 1 (grey) and 3 (colour) do so rather than 4 (with alpha), which does rather than any
/// other extent; the first one, as in PyTorch, where both are alike.
/// </summary>
internal static class ChannelAxis
{
    public static bool IsLast(long first, long last) => Likeness(last) > Likeness(first);

    /// <summary>Whether an extent can be a number of channels.</summary>
    public static bool Counts(long extent) => Likeness(extent) > 0;

    private static int Likeness(long extent) => extent switch { 1 or 3 => 2, 4 => 1, _ => 0 };
}
