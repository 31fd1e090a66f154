using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Optimizers;
using TrainingHost.Reporting;

namespace TrainingHost.Commands;

/// <summary>artifacts: forward .onnx → the four files, as generate_artifacts of ONNX Runtime Training made them.</summary>
internal static class ArtifactsCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = new("model") { Description = "A forward .onnx." };
        Option<string> output = CommonOptions.Output("The folder for the four files.");
        var optimizer = new Option<string>("--optimizer") { Description = "sgd or adamw.", DefaultValueFactory = _ => "adamw" };
        Option<int> seed = CommonOptions.Seed();
        var forward = new ForwardModelOptions();
        var command = new Command("artifacts", "Makes training artifacts from a forward model.") { model, output, optimizer, seed };
        forward.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = CommonOptions.ToModelPath(parsed.GetValue(model)!);
            if (Directory.Exists(path)) throw new GraphRewriteException($"{path}: is a folder; give a forward .onnx.");
            long start = Stopwatch.GetTimestamp();
            TrainingArtifacts artifacts = ForwardArtifacts.Build(path, forward.Resolve(parsed, path, parsed.GetValue(seed)) with { Optimizer = Generated(parsed.GetValue(optimizer)!) });
            string built = Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("f2", CultureInfo.InvariantCulture);
            ArtifactFolder.Write(artifacts, parsed.GetValue(output)!);
            foreach (Finding warning in artifacts.Warnings) writer.WriteLine($"warning: {OptionNames.Describe(warning)}");
            writer.WriteLine($"{parsed.GetValue(output)}: {artifacts.Training.Graph.Nodes.Count} nodes, {artifacts.Training.Trainable.Count} trainable parameters, {artifacts.Training.Frozen.Count} frozen; built in {built} s.");
            return CommandLine.Done;
        });
        return command;
    }

    /// <summary>The constants that generate_artifacts wrote.</summary>
    private static OptimizerSettings Generated(string name) => name.ToLowerInvariant() switch
    {
        "adamw" => new AdamWSettings { Mode = AdamMode.HuggingFace, Epsilon = 1e-6 },
        "sgd" => new SgdSettings(),
        _ => throw new GraphRewriteException($"--optimizer {name}: there are sgd and adamw."),
    };
}
