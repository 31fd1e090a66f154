using System.CommandLine;
using GraphRewrite.Kernels;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>Options that several verbs have, with their meaning, and the headings that their groups have in --help.</summary>
internal static class CommonOptions
{
    public const string OutputHeading = "Output", TrActHeading = "TrAct", OptimizerHeading = "Optimizer", DeviceHeading = "Device",
        ForwardHeading = "Forward models", RandomHeading = "Random numbers";

    public static Option<string> Output(string what) => new("--output", "-o") { Description = what, Required = true, HelpName = "path" };

    public static Option<double?> Lambda() => new("--lambda") { Description = "TrAct's regularization λ > 0. [default: 0.1]", HelpName = "number" };

    public static Option<string[]> Layer() => new("--layer")
    {
        Description = "The layer to rewrite: a node or parameter name, or a glob; may be repeated. [default: the first layer]",
        HelpName = "name",
        DefaultValueFactory = _ => [],
    };

    public static Option<bool> NoTrAct() => new("--no-tract") { Description = "Leaves TrAct out." };

    public static Option<ExecutionDevice> DeviceName() =>
        Choice.Of("--device", "Where it runs. [default: cpu]", ("cpu", ExecutionDevice.Cpu), ("cuda", ExecutionDevice.Cuda));

    public static Option<string?> OrtLibrary() => new("--ort-library")
    {
        Description = "The onnxruntime library to load, such as a CUDA build (also: TRACT_ORT_LIBRARY).",
        HelpName = "path",
    };

    public static Option<int?> Threads() => new("--threads")
    {
        Description = "Threads of the CPU provider. [default: one a core]",
        HelpName = "count",
    };

    public static Option<WeightsKind?> Weights() => Choice.Of<WeightsKind?>(
        "--weights",
        "Of a run: those that were the best on the validation set, the last, or the last moving average (train --ema). "
            + "[default: those that its own test took, the first there are of best, ema, last]",
        ("best", WeightsKind.Best),
        ("last", WeightsKind.Last),
        ("ema", WeightsKind.Ema));

    public static Option<int> Seed() => new("--seed")
    {
        Description = "Of the data's order, of Dropout and random operators, and of parameters without values.",
        HelpName = "number",
        DefaultValueFactory = _ => 1,
    };
}
