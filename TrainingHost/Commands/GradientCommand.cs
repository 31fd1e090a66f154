using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Serialization;

namespace TrainingHost.Commands;

/// <summary>gradient: the gradient graph alone, for stock ONNX Runtime.</summary>
internal static class GradientCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = new("model") { Description = "A forward .onnx." };
        var wrt = new Option<string[]>("--wrt") { Description = "Parameters or inputs: names or globs.", Required = true, AllowMultipleArgumentsPerToken = true };
        var loss = new Option<string?>("--loss") { Description = $"Differentiate this loss ({string.Join(", ", Loss.All.Select(l => l.Name))}); default: the sum of the first output." };
        Option<string> output = CommonOptions.Output("The gradient graph.");
        Option<string> device = CommonOptions.DeviceName();
        var command = new Command("gradient", "Writes the gradient graph of a loss or an output.") { model, wrt, loss, output, device };
        command.SetAction(parsed =>
        {
            var target = new LoweringTarget { Device = CommonOptions.ToKind(parsed.GetValue(device)!) };
            Loss? differentiated = parsed.GetValue(loss) is { } name ? Loss.Named(name) : null;
            long start = Stopwatch.GetTimestamp();
            Model gradient = GradientGraph.Build(CommonOptions.ToModelPath(parsed.GetValue(model)!), parsed.GetValue(wrt)!, differentiated, target);
            string built = Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("f2", CultureInfo.InvariantCulture);
            OnnxWriter.Write(gradient, parsed.GetValue(output)!);
            writer.WriteLine($"{parsed.GetValue(output)}: {string.Join(", ", gradient.Graph.Inputs)} → {string.Join(", ", gradient.Graph.Outputs)}; {gradient.Graph.Nodes.Count} nodes, built in {built} s.");
            return CommandLine.Done;
        });
        return command;
    }
}
