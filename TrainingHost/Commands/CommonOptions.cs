using System.CommandLine;
using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels;

namespace TrainingHost.Commands;

/// <summary>Options that several verbs have, with their meaning.</summary>
internal static class CommonOptions
{
    public static Argument<string> Model() => new("model") { Description = "A folder of training artifacts, or the name of one in models/." };

    public static Option<string> Output(string what) => new("--output", "-o") { Description = what, Required = true };

    public static Option<double?> Lambda() => new("--lambda") { Description = "TrAct's regularization λ > 0 (0.1)." };

    public static Option<string[]> Layer() => new("--layer")
    {
        Description = "The layer to rewrite: a node or parameter name, or a glob; may be repeated. Default: the first layer.",
        DefaultValueFactory = _ => [],
    };

    public static Option<bool> NoTrAct() => new("--no-tract") { Description = "Train without TrAct." };

    public static Option<string> DeviceName() => new("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" };

    public static Option<string?> OrtLibrary() => new("--ort-library")
    {
        Description = "The onnxruntime library to load, such as a CUDA build (also: TRACT_ORT_LIBRARY).",
    };

    public static Option<int?> Threads() => new("--threads") { Description = "Threads of the CPU provider (one a core)." };

    public static Option<int> Seed() => new("--seed")
    {
        Description = "Of the data's order, of Dropout and random operators, and of parameters without values.",
        DefaultValueFactory = _ => 1,
    };

    /// <exception cref="GraphRewriteException">The name is unknown.</exception>
    public static ExecutionDevice ToKind(string device) => device switch
    {
        "cpu" => ExecutionDevice.Cpu,
        "cuda" => ExecutionDevice.Cuda,
        _ => throw new GraphRewriteException($"--device {device}: there are cpu and cuda."),
    };

    /// <summary>A path as it is, or looked up in the folder models/ here or above.</summary>
    /// <exception cref="GraphRewriteException">There is none.</exception>
    public static string ToModelPath(string model)
    {
        if (Path.Exists(model)) return model;
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "models", model);
            if (Path.Exists(candidate)) return Path.GetRelativePath(Environment.CurrentDirectory, candidate);
            candidate = Path.Combine(folder.FullName, model);
            if (Path.Exists(candidate)) return Path.GetRelativePath(Environment.CurrentDirectory, candidate);
        }
        throw new GraphRewriteException($"{model}: no such file or folder, nor is there one of that name in models/.");
    }
}
