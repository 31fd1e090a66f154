using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>export: the trained forward model of a run (or of any folder of artifacts), inference mode, weights in place.</summary>
internal static class ExportCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> run = new("run") { Description = "The folder that train wrote, or a folder of artifacts." };
        Option<string> output = CommonOptions.Output("The model for inference.");
        var command = new Command("export", "Writes the trained model for inference.") { run, output };
        return command.Runs(Bind, settings => Run(settings, writer));

        ExportSettings Bind(ParseResult parsed) => new() { Run = parsed.GetValue(run)!, Output = parsed.GetValue(output)! };
    }

    private static int Run(ExportSettings settings, TextWriter writer)
    {
        var artifacts = TrainingArtifacts.Read(settings.Run);
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model model = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        OnnxWriter.Write(model, settings.Output);
        writer.WriteLine($"{settings.Output}: {string.Join(", ", model.Graph.Inputs)} → {string.Join(", ", model.Graph.Outputs)}.");
        return CommandLine.Done;
    }
}
