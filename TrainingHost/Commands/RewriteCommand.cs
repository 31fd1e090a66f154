using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>rewrite: puts TrAct into artifacts; the result is a valid set of artifacts again.</summary>
internal static class RewriteCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> folder = CommonOptions.Model();
        Option<string> output = CommonOptions.Output("The folder for the rewritten artifacts.");
        Option<double?> lambda = CommonOptions.Lambda();
        Option<string[]> layer = CommonOptions.Layer();
        var command = new Command("rewrite", "Puts TrAct into training artifacts.") { folder, output, lambda, layer };
        return command.Runs(Bind, settings => Run(settings, writer));

        RewriteSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(folder)!),
            Output = parsed.GetValue(output)!,
            TrAct = new() { Lambda = parsed.GetValue(lambda), Layers = parsed.GetValue(layer)! },
        };
    }

    private static int Run(RewriteSettings settings, TextWriter writer)
    {
        var artifacts = TrainingArtifacts.Read(settings.Model);
        RewriteReport report = TrActRewrite.Apply(artifacts.Training.Model, new()
        {
            Lambda = settings.TrAct.Lambda ?? TrActNames.DefaultLambda,
            Layers = settings.TrAct.Layers,
            UserInputs = artifacts.Training.UserInputs,
            Trainable = artifacts.Training.Trainable,
        });
        LoweringPipeline.ExpandTrAct(artifacts.Training.Graph);
        ArtifactFolder.WriteRewritten(artifacts, settings.Output);
        writer.Write(report.Describe(OptionNames.Of));
        return CommandLine.Done;
    }
}
