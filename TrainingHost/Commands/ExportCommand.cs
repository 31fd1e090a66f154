using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
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
        var with = new Option<bool>("--with-preprocessing")
        {
            Description = "Puts the run's preprocessing.json into the model: raw data in, class probabilities out. [default: where the run has one]",
        };
        var without = new Option<bool>("--no-preprocessing") { Description = "Writes preprocessing.json beside the model instead." };
        var bytes = new Option<bool>("--uint8") { Description = "Raw pixels come as bytes, not as float32." };
        var command = new VerbCommand("export", "Writes the trained model for inference.")
        {
            Examples = [new("export runs/lenet -o lenet.onnx", "What a run has trained, as one file.")],
        };
        run.AddTo(command);
        command.Add(CommonOptions.OutputHeading, file, CommonSwitches.Json());
        command.Add("Preprocessing", with, without, bytes);
        return command.Runs(output, Bind, settings => Run(settings, output));

        ExportSettings Bind(ParseResult parsed) => new()
        {
            Run = run.Bind(parsed),
            Output = parsed.GetValue(file)!,
            Preprocessing = (parsed.GetValue(with), parsed.GetValue(without)) switch
            {
                (true, true) => throw new GraphRewriteException("--with-preprocessing: does not go with --no-preprocessing."),
                (true, _) => true,
                (_, true) => false,
                _ => null,
            },
            Bytes = parsed.GetValue(bytes),
        };
    }

    private static int Run(ExportSettings settings, VerbOutput output)
    {
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Run, new());
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model model = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        Preprocessing? preprocessing = DeployedModel.PreprocessingOf(settings.Run);
        if (preprocessing is null && (settings.Preprocessing == true || settings.Bytes))
        {
            string option = settings.Bytes ? "--uint8" : "--with-preprocessing";
            throw new GraphRewriteException($"{option}: {settings.Run} holds no {Preprocessing.File}, which train writes for images and tables.");
        }
        model = DeployedModel.Write(model, preprocessing, PreprocessedModel.PredictsLogits(artifacts.Evaluation, artifacts.Prediction), new()
        {
            Output = settings.Output,
            Inside = settings.Preprocessing ?? true,
            Raw = settings.Bytes ? ElementType.UInt8 : ElementType.Float,
            WritesFile = settings.Preprocessing == false,
        });
        IEnumerable<string> inputs = model.Graph.Inputs.Select(input => $"{input}"), outputs = model.Graph.Outputs.Select(value => $"{value}");
        output.Json(() => new { settings.Run, settings.Output, inputs, outputs });
        output.Result($"{settings.Output}: {string.Join(", ", inputs)} → {string.Join(", ", outputs)}.");
        return CommandLine.Done;
    }
}
