using System.Text.Json;
using System.Text.RegularExpressions;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>
/// ID.tract-journal: the names that the files of a set are to get, a JSON array, relative to its folder where they lie below it. The contents of NAME
/// wait in NAME.ID.tract-new. Finishing it renames what still waits; that can be done any number of times, by any process.
/// </summary>
/// <remarks>
/// It may come from somewhere, with a model. It can only give a file the contents that wait beside it under a number that its writer has drawn.
/// </remarks>
internal static partial class SetJournal
{
    private const string Extension = ".tract-journal";
    private const long Longest = 1 << 20;

    /// <summary>Where the new contents of a file wait.</summary>
    public static string New(string final, string id) => $"{final}.{id}.tract-new";

    /// <summary>Where the old ones do while the others of the set are renamed.</summary>
    public static string Old(string final, string id) => $"{final}.{id}.tract-old";

    /// <returns>The journal's path: from now on the set is written.</returns>
    public static string Write(string folder, string id, IEnumerable<string> finals)
    {
        string journal = Path.Combine(folder, id + Extension), aside = New(journal, id);
        string root = Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar;
        try
        {
            using (FileStream file = FileOperations.Create(aside))
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(
                    finals.Select(final => final.StartsWith(root, StringComparison.Ordinal) ? final[root.Length..] : final)));
                file.Flush(flushToDisk: true);
            }
            FileOperations.Rename(aside, journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            FileOperations.Delete(aside);
            throw;
        }
        return journal;
    }

    /// <summary>Finishes what killed processes have begun in a folder.</summary>
    /// <exception cref="GraphRewriteException">A file cannot be renamed, or a journal is none.</exception>
    public static void FinishIn(string folder)
    {
        if (!Directory.Exists(folder)) return;
        try
        {
            foreach (string journal in Directory.GetFiles(folder, $"*{Extension}")) Finish(journal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(
                new Finding(
                    "holds files that belong together and that a killed process has replaced in part",
                    "The rest is done as soon as it can be written: see to that")
                {
                    Place = new() { File = folder },
                    Detail = e.Message,
                },
                e);
        }
    }

    /// <summary>Deletes what killed processes have left in a folder without coming to the end of their sets.</summary>
    public static void DeleteLeftovers(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*.tract-*").Where(file => Waiting().IsMatch(file)))
        {
            if (FileIdentity.Of(file)?.Kind != FileKind.File) continue;
            try
            {
                if (!FileOperations.IsOpen(file)) FileOperations.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another's, or the next writer's to delete.
            }
        }
    }

    private static void Finish(string journal)
    {
        string id = Path.GetFileNameWithoutExtension(journal), folder = Path.GetDirectoryName(Path.GetFullPath(journal))!;
        if (!Id().IsMatch(id) || Names(journal) is not { } names)
            throw new GraphRewriteException(new Finding("is no journal of this program", "Delete it") { Place = new() { File = journal } });
        foreach (string final in names.Select(name => Path.GetFullPath(name, folder)))
        {
            string waiting = New(final, id);
            try
            {
                if (File.Exists(waiting)) FileOperations.Rename(waiting, final);
            }
            catch (FileNotFoundException)
            {
                // Another process is finishing it too.
            }
            FileOperations.Delete(Old(final, id));
        }
        FileOperations.Delete(journal);
    }

    /// <summary>Null where it is no journal; none where another process has finished it.</summary>
    private static string[]? Names(string journal)
    {
        try
        {
            if (new FileInfo(journal).Length > Longest || FileIdentity.Of(journal) is { Kind: not FileKind.File }) return null;
            string[]? names = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(journal));
            return names is null || Array.Exists(names, name => string.IsNullOrEmpty(name) || name.Contains('\0', StringComparison.Ordinal))
                ? null : names;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex Id();

    [GeneratedRegex(@"\.[0-9a-f]{16}\.tract-(new|old)$")]
    private static partial Regex Waiting();
}
