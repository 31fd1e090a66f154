using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>
/// Images by class, as torchvision's ImageFolder: one folder a class, images anywhere below it, classes in the order of their names. Either such a
/// folder, or one that holds train/ and val/ or test/ of that form.
/// </summary>
internal static class ImageFolder
{
    public static bool Is(string folder) => Folders(folder).Length > 0;

    public static DataParts Read(string folder)
    {
        string[] folders = [.. Folders(folder).Select(path => Path.GetFileName(path)!)];
        if (PartNames.Find(folders, PartNames.Training) is not { } training)
        {
            string? lonely = PartNames.Find(folders, [.. PartNames.Validation, .. PartNames.Test]);
            if (lonely is not null && Folders(Path.Combine(folder, lonely)).Length > 0)
                throw new GraphRewriteException($"{folder}: has {lonely}/ and no train/. Give the folder with train/, or that of the classes");
            (Examples all, IReadOnlyList<string> note) = Part(folder, null);
            return new(all, null, null) { Notes = note };
        }
        (Examples examples, IReadOnlyList<string> notes) = Part(Path.Combine(folder, training), null);
        (Examples? validation, IReadOnlyList<string> more) = Other(PartNames.Validation);
        (Examples? test, IReadOnlyList<string> most) = Other(PartNames.Test);
        return new(examples, validation, test) { Notes = [.. notes, .. more, .. most] };

        (Examples? Examples, IReadOnlyList<string> Notes) Other(IReadOnlyList<string> names) =>
            PartNames.Find(folders, names) is { } part ? Part(Path.Combine(folder, part), examples.Labels.ClassNames) : (null, []);
    }

    /// <param name="folder">The folder of the classes.</param>
    /// <param name="known">The training part's classes; null: this is the training part.</param>
    private static (Examples Examples, IReadOnlyList<string> Notes) Part(string folder, IReadOnlyList<string>? known)
    {
        string[] found = [.. Folders(folder).Select(path => Path.GetFileName(path)!)];
        IReadOnlyList<string> classes = known ?? found;
        if (found.Except(classes).FirstOrDefault() is { } unknown)
            throw new GraphRewriteException($"{folder}: the class {unknown} is not among the training part's: {NameList(classes)}");
        if (found.Length == 0)
            throw new GraphRewriteException($"{folder}: holds no folders. One folder a class is expected, with its images in it");

        List<string> files = [];
        List<long> labels = [];
        var others = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int c = 0; c < classes.Count; c++)
        {
            int before = files.Count;
            string within = Path.Combine(folder, classes[c]);
            if (Directory.Exists(within)) AddImages(folder, within, files, others);
            if (files.Count == before && known is null)
                throw new GraphRewriteException($"{within}: holds no images ({string.Join(", ", ImageDecoder.Extensions)}); a class needs some");
            labels.AddRange(Enumerable.Repeat((long)c, files.Count - before));
        }
        if (files.Count == 0) throw new GraphRewriteException($"{folder}: holds no images ({string.Join(", ", ImageDecoder.Extensions)})");
        var examples = new Examples(
            folder, new ImageInputs(new FileImages(folder, [.. files])), new(new(folder, [], null, [.. labels]), classes));
        return (examples, others.Count == 0 ? [] : [$"{folder}: left out, as no images: {NameList([.. others.Select(o => $"{o.Value} {o.Key}")])}."]);
    }

    private static void AddImages(string root, string folder, List<string> files, SortedDictionary<string, int> others)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string extension = Path.GetExtension(path).ToLowerInvariant();
            if (ImageDecoder.Extensions.Contains(extension)) files.Add(Path.GetRelativePath(root, path));
            else if (!Path.GetFileName(path).StartsWith('.') && extension != ".db")
                others[extension.Length > 0 ? extension : "without extension"] = others.GetValueOrDefault(extension) + 1;
        }
    }

    private static string[] Folders(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];

    private static string NameList(IReadOnlyList<string> names) =>
        names.Count <= 12 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(12))} and {names.Count - 12} more";
}
