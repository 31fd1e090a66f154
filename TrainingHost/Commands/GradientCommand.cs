using System.CommandLine;
using System.Diagnostics;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Serialization;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>gradient: the gradient graph alone, for stock ONNX Runtime.</summary>
internal static class GradientCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument("A forward .onnx, or the name of one in models/.");
        var wrt = new Option<string[]>("--wrt")
        {
            Description = "Parameters or inputs: names or globs.",
            HelpName = "name",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var loss = new LossOptions(otherwise: "the sum of the output");
        Option<string> file = CommonOptions.Output("The gradient graph.");
        Option<ExecutionDevice> device = CommonOptions.DeviceName();
        Option<bool> json = CommonSwitches.Json();
        var command = new VerbCommand("gradient", "Writes the gradient graph of a loss or an output.")
        {
            Examples =
            [
                new("gradient resnet18 --wrt input -o saliency.onnx", "What the first output's sum depends on in the input."),
                new("gradient vit --wrt '*' --loss cross-entropy -o gradients.onnx", "The gradients of a loss, for an optimizer of your own."),
            ],
        };
        model.AddTo(command);
        command.Add("Gradient", wrt);
        loss.AddTo(command);
        command.Add(CommonOptions.OutputHeading, file, json);
        command.Add(CommonOptions.DeviceHeading, device);
        return command.Runs(output, Bind, settings => Run(settings, output));

        GradientSettings Bind(ParseResult parsed) => new()
        {
            Device = parsed.GetValue(device),
            Loss = loss.Bind(parsed),
            Model = model.Bind(parsed),
            Wanted = parsed.GetValue(wrt)!,
            Output = parsed.GetValue(file)!,
        };
    }

    private static int Run(GradientSettings settings, VerbOutput output)
    {
        if (Directory.Exists(settings.Model)) throw new GraphRewriteException($"{settings.Model}: is a folder; give a forward .onnx.");
        var options = new GradientOptions
        {
            Loss = settings.Loss.Loss,
            Outputs = settings.Loss.Outputs,
            SharesLabels = settings.Loss.SharesLabels,
            Target = new() { Device = settings.Device },
        };
        long start = Stopwatch.GetTimestamp();
        GradientModel made = GradientGraph.Build(settings.Model, settings.Wanted, options);
        Model gradient = made.Model;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        OnnxWriter.Write(gradient, settings.Output);
        foreach (Finding warning in made.Warnings) output.Warn(OptionNames.Describe(warning));
        Graph graph = gradient.Graph;
        output.Json(() => new
        {
            settings.Model,
            settings.Output,
            inputs = graph.Inputs.Select(input => $"{input}"),
            outputs = graph.Outputs.Select(value => $"{value}"),
            nodes = graph.Nodes.Count,
            seconds,
        });
        output.Result(FormattableString.Invariant($"{settings.Output}: {graph.Nodes.Count} nodes, built in {seconds:f2} s."));
        foreach (Value input in graph.Inputs) output.Note($"  input  {input}");
        foreach (Value value in graph.Outputs) output.Note($"  output {value}");
        return CommandLine.Done;
    }
}
