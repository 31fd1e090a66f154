using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.TrAct;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>rewrite: puts TrAct into artifacts, or into those of a forward model; the result is a valid set of artifacts again.</summary>
internal static class RewriteCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        Option<string> folder = CommonOptions.Output("The folder for the rewritten artifacts.");
        Option<double?> lambda = CommonOptions.Lambda();
        Option<string[]> layer = CommonOptions.Layer();
        Option<bool> json = CommonSwitches.Json();
        var command = new VerbCommand("rewrite", "Puts TrAct into training artifacts.")
        {
            Examples = [new("rewrite lenet -o lenet-tract", "The same four files with TrAct in the first layer; verify proves it.")],
        };
        model.AddTo(command);
        command.Add(CommonOptions.OutputHeading, folder, json);
        command.Add(CommonOptions.TrActHeading, lambda, layer);
        return command.Runs(output, Bind, settings => Run(settings, output));

        RewriteSettings Bind(ParseResult parsed) => new()
        {
            Model = model.Bind(parsed),
            Output = parsed.GetValue(folder)!,
            TrAct = new() { Lambda = parsed.GetValue(lambda), Layers = parsed.GetValue(layer)! },
        };
    }

    private static int Run(RewriteSettings settings, VerbOutput output)
    {
        bool isForward = File.Exists(settings.Model);
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Model, new() { Optimizer = ArtifactsCommand.Default });
        RewriteReport report = TrActRewrite.Apply(artifacts.Training.Model, new()
        {
            Lambda = settings.TrAct.Lambda ?? TrActNames.DefaultLambda,
            Layers = settings.TrAct.Layers,
            UserInputs = artifacts.Training.UserInputs,
            Trainable = artifacts.Training.Trainable,
        });
        if (isForward) ArtifactFolder.Write(artifacts, settings.Output);
        else ArtifactFolder.WriteRewritten(artifacts, settings.Output);
        string[] warnings = [.. artifacts.Warnings.Concat(report.Warnings).Select(OptionNames.Describe)];
        output.Json(() => new { settings.Model, settings.Output, report.Lambda, report.Layers, warnings });
        foreach (string warning in artifacts.Warnings.Select(OptionNames.Describe)) output.Warn(warning);
        output.Result(report.Describe(OptionNames.Of).TrimEnd());
        output.Result($"Written to {settings.Output}.");
        return CommandLine.Done;
    }
}
