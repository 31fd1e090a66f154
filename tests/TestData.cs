using System.Runtime.CompilerServices;

namespace TrActOnnx.Tests;

/// <summary>Where the test data lies: in the source tree, so that it is not copied beside the assembly.</summary>
internal static class TestData
{
    public static string Root { get; } = Here();

    public static string Cases => Path.Combine(Root, "cases");

    public static string Case(string name) => Path.Combine(Cases, name);

    /// <summary>The models that come with the program.</summary>
    public static string Models => Path.Combine(Root, "..", "models");

    /// <summary>A model that tools/make-damaged-exports.py has made.</summary>
    public static string Export(string name) => Path.Combine(Root, "exports", $"{name}.onnx");

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
