namespace TrActOnnx.Tests.Architecture;

/// <summary>A C# file of the tree.</summary>
/// <param name="Path">From the repository's root, with slashes.</param>
/// <param name="Project">The project's folder.</param>
/// <param name="Text">What it holds.</param>
internal sealed record SourceFile(string Path, string Project, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The folder below the project's, with slashes; "" for the project's own.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)![Project.Length..].TrimStart('/', '\\').Replace('\\', '/');
}

/// <summary>The sources that the tests are of, found from the test's binary upwards.</summary>
internal static class Sources
{
    public static string Root { get; } = Find();

    public static IReadOnlyList<SourceFile> Of(string project) =>
    [
        .. from path in Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
           let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
           where !relative.StartsWith($"{project}/obj/", StringComparison.Ordinal)
               && !relative.StartsWith($"{project}/bin/", StringComparison.Ordinal)
           orderby relative
           select new SourceFile(relative, project, File.ReadAllText(path)),
    ];

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TrAct.Onnx.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No TrAct.Onnx.sln above {AppContext.BaseDirectory}.");
    }
}
