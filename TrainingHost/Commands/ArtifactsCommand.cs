using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;
using TrainingHost.Reporting;
using TrainingHost.Settings;

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
        return command.Runs(Bind, settings => Run(settings, writer));

        ArtifactsSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            Output = parsed.GetValue(output)!,
            Optimizer = Generated(parsed.GetValue(optimizer)!),
            Seed = parsed.GetValue(seed),
            Forward = forward.Bind(parsed),
        };
    }

    private static int Run(ArtifactsSettings settings, TextWriter writer)
    {
        if (Directory.Exists(settings.Model)) throw new GraphRewriteException($"{settings.Model}: is a folder; give a forward .onnx.");
        long start = Stopwatch.GetTimestamp();
        ForwardOptions options = settings.Forward.For(settings.Model, settings.Seed) with { Optimizer = settings.Optimizer };
        TrainingArtifacts artifacts = ForwardArtifacts.Build(settings.Model, options);
        string built = Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("f2", CultureInfo.InvariantCulture);
        ArtifactFolder.Write(artifacts, settings.Output);
        foreach (Finding warning in artifacts.Warnings) writer.WriteLine($"warning: {OptionNames.Describe(warning)}");
        TrainingGraph training = artifacts.Training;
        string parameters = $"{training.Trainable.Count} trainable parameters, {training.Frozen.Count} frozen";
        writer.WriteLine($"{settings.Output}: {training.Graph.Nodes.Count} nodes, {parameters}; built in {built} s.");
        return CommandLine.Done;
    }

    /// <summary>The constants that generate_artifacts wrote.</summary>
    private static OptimizerSettings Generated(string name) => name.ToLowerInvariant() switch
    {
        "adamw" => new AdamWSettings { Mode = AdamMode.HuggingFace, Epsilon = 1e-6 },
        "sgd" => new SgdSettings(),
        _ => throw new GraphRewriteException($"--optimizer {name}: there are sgd and adamw."),
    };
}
