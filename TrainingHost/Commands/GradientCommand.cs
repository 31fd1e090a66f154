using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Losses;
using GraphRewrite.Serialization;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>gradient: the gradient graph alone, for stock ONNX Runtime.</summary>
internal static class GradientCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = new("model") { Description = "A forward .onnx." };
        var wrt = new Option<string[]>("--wrt")
        {
            Description = "Parameters or inputs: names or globs.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        string losses = string.Join(", ", Loss.All.Select(l => l.Name));
        var loss = new Option<string?>("--loss") { Description = $"Differentiate this loss ({losses}); default: the sum of the first output." };
        Option<string> output = CommonOptions.Output("The gradient graph.");
        Option<string> device = CommonOptions.DeviceName();
        var command = new Command("gradient", "Writes the gradient graph of a loss or an output.") { model, wrt, loss, output, device };
        return command.Runs(Bind, settings => Run(settings, writer));

        GradientSettings Bind(ParseResult parsed) => new()
        {
            Device = CommonOptions.ToKind(parsed.GetValue(device)!),
            Loss = parsed.GetValue(loss) is { } name ? Loss.Named(name) : null,
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            Wanted = parsed.GetValue(wrt)!,
            Output = parsed.GetValue(output)!,
        };
    }

    private static int Run(GradientSettings settings, TextWriter writer)
    {
        var target = new LoweringTarget { Device = settings.Device };
        long start = Stopwatch.GetTimestamp();
        Model gradient = GradientGraph.Build(settings.Model, settings.Wanted, settings.Loss, target);
        string built = Stopwatch.GetElapsedTime(start).TotalSeconds.ToString("f2", CultureInfo.InvariantCulture);
        OnnxWriter.Write(gradient, settings.Output);
        string signature = $"{string.Join(", ", gradient.Graph.Inputs)} → {string.Join(", ", gradient.Graph.Outputs)}";
        writer.WriteLine($"{settings.Output}: {signature}; {gradient.Graph.Nodes.Count} nodes, built in {built} s.");
        return CommandLine.Done;
    }
}
