using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>Files that are written under temporary names and renamed together, so that a failed or killed run leaves the old ones.</summary>
/// <param name="what">What messages call the output: its path as the user gave it.</param>
public sealed class AtomicFiles(string what) : IDisposable
{
    private readonly List<(string Temporary, string Final)> written = [];

    /// <exception cref="GraphRewriteException">The disk is full, the folder is missing or may not be written.</exception>
    public void Write(string path, Action<FileStream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        Guarded(() =>
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            if (Directory.Exists(path)) throw new IOException("a folder has that name");
            written.Add((temporary, path));
            using FileStream stream = File.Create(temporary);
            write(stream);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Gives every file its name.</summary>
    public void Commit()
    {
        Guarded(() => written.ForEach(file => File.Move(file.Temporary, file.Final, overwrite: true)));
        written.Clear();
    }

    public void Dispose()
    {
        foreach ((string temporary, _) in written) File.Delete(temporary);
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{what}: cannot be written ({e.Message.TrimEnd('.')}). What was there before is untouched.", e);
        }
    }
}
