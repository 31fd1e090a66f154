using GraphRewrite.Diagnostics;

namespace GraphRewrite.Serialization;

/// <summary>
/// Files that are opened for reading. A pipe or a device beside a model would make the program wait for ever, or read without end. Where a killed
/// process has replaced a part of the files that belong together, the rest is replaced first (<see cref="AtomicFiles.Repair"/>).
/// </summary>
public static class RegularFile
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    /// <exception cref="GraphRewriteException">A set of files in its folder is replaced in part, and the rest cannot be.</exception>
    public static FileStream OpenRead(string path)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) AtomicFiles.Repair(folder);
        return FileIdentity.Of(path) is { Kind: FileKind.Pipe or FileKind.Socket or FileKind.Device } other
            ? throw new IOException($"it is a {other.Kind.ToString().ToLowerInvariant()}, no file")
            : File.OpenRead(path);
    }

    /// <summary>What follows in a file that is open.</summary>
    /// <exception cref="IOException">It is more than an array holds.</exception>
    internal static byte[] ReadAllBytes(FileStream file)
    {
        if (file.Length > Array.MaxLength) throw new IOException($"it has {file.Length:N0} bytes; at most {Array.MaxLength:N0} are read");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
