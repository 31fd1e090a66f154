namespace TrainingHost.Settings;

/// <summary>What a verb reads and writes, known before it begins.</summary>
/// <param name="Inputs">Files, and folders of artifacts.</param>
/// <param name="OutputFiles">--output and what goes beside it, where that is files.</param>
/// <param name="OutputFolder">--output, where that is a folder.</param>
internal sealed record Touched(IReadOnlyList<string> Inputs, IReadOnlyList<string> OutputFiles, string? OutputFolder = null)
{
    public static Touched Nothing { get; } = new([], []);
}
