namespace TrainingHost.Data.Sources;

/// <summary>What files and folders of the three parts of a data set are called.</summary>
internal static class PartNames
{
    public static IReadOnlyList<string> Training { get; } = ["train", "training"];

    public static IReadOnlyList<string> Validation { get; } = ["val", "valid", "validation", "dev"];

    public static IReadOnlyList<string> Test { get; } = ["test", "testing"];

    /// <summary>The entry of a folder (or of an archive) with one of some names, whatever their case; null for none.</summary>
    public static string? Find(IEnumerable<string> entries, IEnumerable<string> names)
    {
        Dictionary<string, string> byName = new(StringComparer.OrdinalIgnoreCase);
        foreach (string entry in entries) byName.TryAdd(entry, entry);
        return names.Select(name => byName.GetValueOrDefault(name)).FirstOrDefault(entry => entry is not null);
    }
}
