using System.CommandLine;
using System.Text;
using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.Kernels;
using GraphRewrite.Serialization;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>inspect: what a model is, and what of it is supported.</summary>
internal static class InspectCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        Option<string[]> layer = CommonOptions.Layer();
        var svg = new Option<string?>("--svg")
        {
            Description = "Draws the training graph around the first layer, before TrAct and after.",
            HelpName = "path",
        };
        var forward = new ForwardModelOptions();
        var command = new VerbCommand(
            "inspect", "Says what a model is: inputs, parameters, operators, first layer, what is supported and what is not.")
        {
            Examples =
            [
                new("inspect forward.onnx", "Whether it can be trained, and where TrAct would go."),
                new("inspect lenet --svg tract.svg", "A drawing of what TrAct changes."),
            ],
        };
        model.AddTo(command);
        command.Add(CommonOptions.OutputHeading, svg, CommonSwitches.Json());
        command.Add(CommonOptions.TrActHeading, layer);
        forward.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        InspectSettings Bind(ParseResult parsed) => new()
        {
            Model = model.Bind(parsed),
            Layers = parsed.GetValue(layer)!,
            Forward = forward.Bind(parsed),
            Svg = parsed.GetValue(svg),
        };
    }

    private static int Run(InspectSettings settings, VerbOutput output)
    {
        ForwardOptions options = settings.Forward.For(settings.Model, seed: 1);
        TrainingArtifacts artifacts = OpenedArtifacts.Read(settings.Model, options, needsCheckpoint: false);
        var inspection = Inspection.Of(artifacts, settings.Layers, Device.Open(ExecutionDevice.Cpu).Target);
        output.Json(() => inspection);
        foreach (string line in inspection.Lines()) output.Result(line);
        if (settings.Svg is { } svg)
        {
            byte[] drawing = Encoding.UTF8.GetBytes(GraphDrawing.ToSvg(FirstLayerDrawing.Of(artifacts.Training, settings.Layers)));
            OutputFiles.Write(svg, stream => stream.Write(drawing));
            output.Result($"Drawn in {svg}.");
        }
        return CommandLine.Done;
    }
}
