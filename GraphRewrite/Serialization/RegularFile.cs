namespace GraphRewrite.Serialization;

/// <summary>Files that are opened for reading. A pipe or a device beside a model would make the program wait for ever, or read without end.</summary>
internal static class RegularFile
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static FileStream OpenRead(string path) => FileIdentity.Of(path) is { Kind: FileKind.Pipe or FileKind.Socket or FileKind.Device } other
        ? throw new IOException($"it is a {other.Kind.ToString().ToLowerInvariant()}, no file")
        : File.OpenRead(path);

    /// <summary>The whole of a file.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static byte[] ReadAllBytes(string path)
    {
        using FileStream file = OpenRead(path);
        if (file.Length > Array.MaxLength) throw new IOException($"it has {file.Length:N0} bytes; at most {Array.MaxLength:N0} are read");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
