using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>export: the trained forward model of a run (or of any folder of artifacts), inference mode, weights in place.</summary>
internal static class ExportCommand
{
    public static Command Create(VerbOutput output)
    {
        var run = new ModelArgument("The folder that train wrote, a folder of artifacts, or a forward .onnx.");
        Option<string> file = CommonOptions.Output("The model for inference.");
        var command = new VerbCommand("export", "Writes the trained model for inference.")
        {
            Examples = [new("export runs/lenet -o lenet.onnx", "What a run has trained, as one file.")],
        };
        run.AddTo(command);
        command.Add(CommonOptions.OutputHeading, file, CommonSwitches.Json());
        return command.Runs(output, Bind, settings => Run(settings, output));

        ExportSettings Bind(ParseResult parsed) => new() { Run = run.Bind(parsed), Output = parsed.GetValue(file)! };
    }

    private static int Run(ExportSettings settings, VerbOutput output)
    {
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Run, new());
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model model = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        OnnxWriter.Write(model, settings.Output);
        IEnumerable<string> inputs = model.Graph.Inputs.Select(input => $"{input}"), outputs = model.Graph.Outputs.Select(value => $"{value}");
        output.Json(() => new { settings.Run, settings.Output, inputs, outputs });
        output.Result($"{settings.Output}: {string.Join(", ", inputs)} → {string.Join(", ", outputs)}.");
        return CommandLine.Done;
    }
}
