using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;

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
        command.SetAction(parsed =>
        {
            double chosen = CommonOptions.ToTrAct(false, parsed.GetValue(lambda), []).Lambda ?? TrActNames.DefaultLambda;
            TrainingArtifacts artifacts = TrainingArtifacts.Read(CommonOptions.ToModelPath(parsed.GetValue(folder)!));
            RewriteReport report = TrActRewrite.Apply(artifacts.Training.Model, new()
            {
                Lambda = chosen,
                Layers = parsed.GetValue(layer)!,
                UserInputs = artifacts.Training.UserInputs,
                Trainable = artifacts.Training.Trainable,
            });
            ExpandTrAct.Apply(artifacts.Training.Graph);
            ArtifactFolder.WriteRewritten(artifacts, parsed.GetValue(output)!);
            writer.Write(report.Describe(OptionNames.Of));
            return CommandLine.Done;
        });
        return command;
    }
}
