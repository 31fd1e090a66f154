using System.Runtime.InteropServices;
using GraphRewrite.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace TrainingHost.Runtime;

/// <summary>The native onnxruntime library: the package's, or the user's own (<c>--ort-library</c>, <c>TRACT_ORT_LIBRARY</c>).</summary>
internal static class OrtLibrary
{
    private const string Variable = "TRACT_ORT_LIBRARY";
    private const string DllImportName = "onnxruntime";
    private static IntPtr loaded;

    /// <summary>Must come before anything of ONNX Runtime is used.</summary>
    /// <exception cref="GraphRewriteException">The file is missing or no onnxruntime library.</exception>
    public static void Use(string? path)
    {
        path ??= Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(path) || loaded != IntPtr.Zero) return;
        if (!File.Exists(path))
        {
            throw new GraphRewriteException(
                $"--ort-library {path}: no such file. Give the onnxruntime shared library itself (libonnxruntime.so, onnxruntime.dll).");
        }
        if (!NativeLibrary.TryLoad(Path.GetFullPath(path), out loaded) || !NativeLibrary.TryGetExport(loaded, "OrtGetApiBase", out _))
        {
            loaded = IntPtr.Zero;
            throw new GraphRewriteException(
                $"--ort-library {path}: does not load as an onnxruntime library here (wrong platform, or a library that it needs is missing).");
        }
        OrtEnv.DisableDllImportResolver = true;
        NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, Resolve);
    }

    private static IntPtr Resolve(string name, System.Reflection.Assembly assembly, DllImportSearchPath? search) =>
        name.StartsWith(DllImportName, StringComparison.Ordinal) ? loaded : IntPtr.Zero;
}
