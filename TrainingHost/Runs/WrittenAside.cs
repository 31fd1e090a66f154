using GraphRewrite.Diagnostics;

namespace TrainingHost.Runs;

/// <summary>A file that is written under another name, brought to the disk, and renamed: at every moment it is the old one or the new one.</summary>
internal static class WrittenAside
{
    /// <exception cref="GraphRewriteException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (FileStream file = File.Create(temporary))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new GraphRewriteException($"{path}: cannot be written ({e.Message}). What was there before is untouched.", e);
        }
    }

    /// <exception cref="GraphRewriteException">It cannot be written.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> bytes) => Write(path, file => file.Write(bytes.Span));

    /// <exception cref="GraphRewriteException">It cannot be read or written.</exception>
    public static void Copy(string from, string to) => Write(to, file =>
    {
        using FileStream source = File.OpenRead(from);
        source.CopyTo(file);
    });
}
