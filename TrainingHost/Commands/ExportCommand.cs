using System.CommandLine;
using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>export: the trained forward model of a run (or of any folder of artifacts), inference mode, weights in place.</summary>
internal static class ExportCommand
{
    public static Command Create(VerbOutput output)
    {
        var run = new ModelArgument("The folder that train wrote, a folder of artifacts, or a forward .onnx.");
        Option<string> file = CommonOptions.Output("The model for inference.");
        Option<WeightsKind?> weights = CommonOptions.Weights();
        var form = new ExportOptions();
        var command = new VerbCommand("export", "Writes the trained model for inference.")
        {
            Examples =
            [
                new("export runs/lenet/001 -o lenet.onnx", "What a run has trained, as one file."),
                new("export runs/lenet/001 -o lenet.onnx --batch 1", "The same for one example at a time."),
            ],
        };
        run.AddTo(command);
        command.Add(CommonOptions.OutputHeading, file, weights, CommonSwitches.Json());
        form.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        ExportSettings Bind(ParseResult parsed) =>
            form.Bind(parsed, run.Bind(parsed), parsed.GetValue(file)!) with { Weights = parsed.GetValue(weights) };
    }

    private static int Run(ExportSettings settings, VerbOutput output)
    {
        var weights = RunWeights.Of(settings.Run, settings.Weights);
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Run, new(), weights?.Chosen);
        Model model = ExportedModel.Of(settings, artifacts, RunFolder.ForwardModelOf(settings.Run));
        Preprocessing? preprocessing = DeployedModel.PreprocessingOf(settings.Run);
        if (preprocessing is null && (settings.Preprocessing == true || settings.Bytes))
        {
            string option = settings.Bytes ? "--uint8" : "--with-preprocessing";
            throw new GraphRewriteException($"{option}: {settings.Run} holds no {Preprocessing.File}, which train writes for images and tables.");
        }
        OutputActivation activation = OutputActivations.InLoss(artifacts.Evaluation, artifacts.Prediction);
        var deployed = new DeployedForm
        {
            Output = settings.Output,
            Inside = settings.Preprocessing ?? true,
            Raw = settings.Bytes ? ElementType.UInt8 : ElementType.Float,
            WritesFile = settings.Preprocessing == false,
            ExternalData = settings.ExternalData,
        };
        using (var files = AtomicFiles.Beside(settings.Output))
        {
            model = DeployedModel.Write(model, preprocessing, activation, deployed, files);
            files.Commit();
        }
        IEnumerable<string> inputs = model.Graph.Inputs.Select(input => $"{input}"), outputs = model.Graph.Outputs.Select(value => $"{value}");
        long opset = model.Graph.OpsetOf(OpId.Onnx);
        output.Json(() => new { settings.Run, settings.Output, weights = weights?.Kind, weights_of = weights?.Step, opset, inputs, outputs });
        if (weights is not null) output.Note($"{weights}");
        output.Result($"{settings.Output}: {string.Join(", ", inputs)} → {string.Join(", ", outputs)}; opset {opset}.");
        return CommandLine.Done;
    }
}
