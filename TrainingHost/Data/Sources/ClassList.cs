using GraphRewrite.Diagnostics;

namespace TrainingHost.Data.Sources;

/// <summary>Names of classes, one a line, in the order of their indices.</summary>
internal static class ClassList
{
    private const string File = "classes.txt";

    /// <summary>Those of the file classes.txt in a folder; null where there is none.</summary>
    public static IReadOnlyList<string>? BesideIn(string folder) => Read(Path.Combine(folder, File));

    /// <summary>Those of the file classes.txt in the folder that a file is in; null where there is none.</summary>
    public static IReadOnlyList<string>? Beside(string file) => BesideIn(Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>Those of a file; null where there is none.</summary>
    /// <exception cref="GraphRewriteException">It cannot be read.</exception>
    public static IReadOnlyList<string>? Read(string path)
    {
        if (!System.IO.File.Exists(path)) return null;
        try
        {
            return [.. System.IO.File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be read ({error.Message})", error);
        }
    }
}
