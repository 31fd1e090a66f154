namespace GraphRewrite.Serialization;

/// <summary>What is done to the disk where files are written: all of it goes through here, so that a test can make any one of them fail.</summary>
internal static class FileOperations
{
    /// <summary>Is told of each operation before it is done; a test throws. Null outside of tests.</summary>
    public static AsyncLocal<Action<string>?> Before { get; } = new();

    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path)) return;
        Ask("create", path);
        Directory.CreateDirectory(path);
    }

    /// <summary>
    /// A new file. As long as it is open, <see cref="IsOpen"/> in other processes: it shares everything, which on Linux is a shared lock, and
    /// elsewhere keeps others from having it for themselves.
    /// </summary>
    public static FileStream Create(string path)
    {
        Ask("create", path);
        const FileShare everything = FileShare.ReadWrite | FileShare.Delete;
        return Before.Value is null ? new FileStream(path, FileMode.CreateNew, FileAccess.Write, everything) : new AskingStream(path, everything);
    }

    /// <summary>Whether a process writes a file; on a file system without locks that is not known.</summary>
    public static bool IsOpen(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public static void Rename(string from, string to)
    {
        Ask("rename", from);
        File.Move(from, to, overwrite: true);
    }

    public static void RenameFolder(string from, string to)
    {
        Ask("rename", from);
        Directory.Move(from, to);
    }

    /// <summary>Renames over a file, which has another name afterwards.</summary>
    public static void Replace(string from, string to, string old)
    {
        Ask("rename", from);
        File.Replace(from, to, old);
    }

    public static void Delete(string path)
    {
        if (!File.Exists(path)) return;
        Ask("delete", path);
        File.Delete(path);
    }

    /// <summary>With all that is in it.</summary>
    public static void DeleteFolder(string path)
    {
        if (!Directory.Exists(path)) return;
        Ask("delete", path);
        Directory.Delete(path, recursive: true);
    }

    private static void Ask(string operation, string path) => Before.Value?.Invoke($"{operation} {path}");

    /// <summary>Asks before each write. Spans come here too, as copies: it is for tests.</summary>
    private sealed class AskingStream(string path, FileShare share) : FileStream(path, FileMode.CreateNew, FileAccess.Write, share)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            Ask("write", Name);
            base.Write(buffer, offset, count);
        }

        public override void Flush(bool flushToDisk)
        {
            Ask("flush", Name);
            base.Flush(flushToDisk);
        }
    }
}
