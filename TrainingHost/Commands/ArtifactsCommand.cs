using System.CommandLine;
using System.Diagnostics;
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
    /// <summary>The optimizer of generate_artifacts, with its constants.</summary>
    public static OptimizerSettings Default { get; } = new AdamWSettings { Mode = AdamMode.HuggingFace, Epsilon = 1e-6 };

    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument("A forward .onnx, or the name of one in models/.");
        Option<string> folder = CommonOptions.Output("The folder for the four files.");
        Option<OptimizerSettings?> optimizer = Choice.Of<OptimizerSettings?>(
            "--optimizer",
            "The optimizer. [default: adamw]",
            ("sgd", new SgdSettings()),
            ("adamw", Default));
        Option<int> seed = CommonOptions.Seed();
        Option<bool> json = CommonSwitches.Json();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("artifacts", "Makes training artifacts from a forward model.")
        {
            Examples = [new("artifacts resnet18 -o resnet18-artifacts", "The four files that generate_artifacts makes.")],
        };
        model.AddTo(command);
        command.Add(CommonOptions.OutputHeading, folder, json);
        forward.AddTo(command);
        command.Add(CommonOptions.OptimizerHeading, optimizer);
        command.Add(CommonOptions.RandomHeading, seed);
        return command.Runs(output, Bind, settings => Run(settings, output));

        ArtifactsSettings Bind(ParseResult parsed) => new()
        {
            Model = model.Bind(parsed),
            Output = parsed.GetValue(folder)!,
            Optimizer = parsed.GetValue(optimizer) ?? Default,
            Seed = parsed.GetValue(seed),
            Forward = forward.Bind(parsed),
        };
    }

    private static int Run(ArtifactsSettings settings, VerbOutput output)
    {
        if (Directory.Exists(settings.Model)) throw new GraphRewriteException($"{settings.Model}: is a folder; give a forward .onnx.");
        long start = Stopwatch.GetTimestamp();
        ForwardOptions options = settings.Forward.For(settings.Model, settings.Seed) with { Optimizer = settings.Optimizer };
        TrainingArtifacts artifacts = ForwardArtifacts.Build(settings.Model, options);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ArtifactFolder.Write(artifacts, settings.Output);
        string[] warnings = [.. artifacts.Warnings.Select(OptionNames.Describe)];
        foreach (string warning in warnings) output.Warn(warning);
        TrainingGraph training = artifacts.Training;
        (int nodes, int trainable, int frozen) = (training.Graph.Nodes.Count, training.Trainable.Count, training.Frozen.Count);
        output.Json(() => new { settings.Model, settings.Output, nodes, trainable, frozen, seconds, warnings });
        FormattableString said = $"{settings.Output}: {nodes} nodes, {trainable} trainable parameters, {frozen} frozen; built in {seconds:f2} s.";
        output.Result(FormattableString.Invariant(said));
        return CommandLine.Done;
    }
}
