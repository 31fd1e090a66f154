using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>
/// Files that are written under temporary names and renamed together, so that a failed or killed run leaves the old ones. Of a link the target is
/// written; a device, a pipe or a folder is never replaced.
/// </summary>
/// <param name="what">What messages call the output: its path as the user gave it.</param>
internal sealed class AtomicFiles(string what) : IDisposable
{
    private readonly List<(string Temporary, string Final)> written = [];

    /// <summary>Whether a file is among those written so far.</summary>
    public bool Holds(string path) => written.Exists(file => Path.GetFullPath(file.Final) == Path.GetFullPath(OutputFiles.Target(path)));

    /// <exception cref="GraphRewriteException">The disk is full, the folder is missing or may not be written.</exception>
    public void Write(string path, Action<FileStream> write)
    {
        string final = OutputFiles.Target(path), temporary = $"{final}.{Environment.ProcessId}.tmp";
        Guarded(() =>
        {
            if (Path.GetDirectoryName(Path.GetFullPath(final)) is { } folder) Directory.CreateDirectory(folder);
            written.Add((temporary, final));
            using FileStream stream = File.Create(temporary);
            write(stream);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Gives every file its name. Where one cannot have it, those before get their old contents back.</summary>
    public void Commit()
    {
        var undo = new Stack<Action>();
        var replaced = new List<string>();
        Guarded(() =>
        {
            try
            {
                foreach ((string temporary, string final) in written)
                {
                    if (File.Exists(final))
                    {
                        string old = $"{final}.{Environment.ProcessId}.old";
                        File.Replace(temporary, final, old);
                        replaced.Add(old);
                        undo.Push(() => File.Move(old, final, overwrite: true));
                    }
                    else
                    {
                        File.Move(temporary, final);
                        undo.Push(() => File.Delete(final));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                while (undo.TryPop(out Action? back)) back();
                throw;
            }
            replaced.ForEach(File.Delete);
        });
        written.Clear();
    }

    public void Dispose()
    {
        foreach ((string temporary, _) in written)
            if (File.Exists(temporary)) File.Delete(temporary);
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException(
                new Finding("cannot be written", "What was there before is untouched") { Place = new() { File = what }, Detail = e.Message }, e);
        }
    }
}
