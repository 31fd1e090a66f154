using GraphRewrite.Diagnostics;
using TrainingHost.Runs;

namespace TrainingHost.Commands;

/// <summary>Which model a name means: a path as it is or with .onnx behind it, or looked up in the folder models/ here or above.</summary>
internal static class ModelPath
{
    private const string Folder = "models", Extension = ".onnx";

    /// <summary>The path of the model, a folder with all that is to be in it (<see cref="RunFolder.Repair"/>).</summary>
    /// <exception cref="GraphRewriteException">There is none.</exception>
    public static string Find(string name)
    {
        if (Candidates(name).FirstOrDefault(Path.Exists) is { } found)
        {
            RunFolder.Repair(found);
            return Path.IsPathRooted(name) || Path.Exists(name) ? found : FromHere(found);
        }
        string nearest = Suggestions.Nearest(name, Known()) is { } meant ? $" Did you mean {meant}?" : "";
        throw new GraphRewriteException($"{name}: no such file or folder, nor is there one of that name in models/.{nearest} {Listing()}");
    }

    /// <summary>The models of the nearest folder models/, by name.</summary>
    public static IReadOnlyList<string> Known()
    {
        foreach (string folder in Above().Select(folder => Path.Combine(folder, Folder)).Where(Directory.Exists))
        {
            IEnumerable<string> models = Directory.EnumerateFileSystemEntries(folder).Where(IsModel);
            string[] names = [.. models.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
            if (names.Length > 0) return names;
        }
        return [];
    }

    /// <summary>What there is, in a sentence.</summary>
    public static string Listing() => Known() is { Count: > 0 } known ? $"models/ has {string.Join(", ", known)}."
        : "Give a forward .onnx, or a folder of training artifacts.";

    private static IEnumerable<string> Candidates(string name)
    {
        string[] names = [name, name + Extension];
        return names.Concat(
            from folder in Above()
            from place in new[] { Path.Combine(folder, Folder), folder }
            from candidate in names
            select Path.Combine(place, candidate));
    }

    private static bool IsModel(string path) => Directory.Exists(path) || path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    private static string FromHere(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path);

    /// <summary>The working directory and those above it.</summary>
    private static IEnumerable<string> Above()
    {
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent) yield return folder.FullName;
    }
}
