namespace TrActOnnx.Tests;

/// <summary>A folder of the test's own, gone when it is done.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tract-");

    public string Path => folder.FullName;

    public static TemporaryFolder CopyOf(string source)
    {
        var copy = new TemporaryFolder();
        Copy(source, copy.Path);
        return copy;
    }

    /// <summary>Copies a folder with all that is in it.</summary>
    public static void Copy(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            System.IO.File.Copy(file, copy);
        }
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => folder.Delete(recursive: true);
}
