using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GraphRewrite.Kernels;
using TrainingHost.Benchmarks;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>bench: step times with and without TrAct and of the forward pass, in turn.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(TextWriter writer)
    {
        Argument<string> model = CommonOptions.Model();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "Timed runs of each.", DefaultValueFactory = _ => 20 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var peer = new Option<string?>("--peer")
        {
            Description = "A program that steps along: it does a step for each line on its input and answers with a line (tools/torch-step.py).",
        };
        var only = new Option<string?>("--only")
        {
            Description = "Run only this: plain, TrAct or forward. Then the peak memory is its own.",
        };
        only.AcceptOnlyFromAmong("plain", "TrAct", "forward");
        var profile = new Option<bool>("--profile") { Description = "Print the step's kernel time by operator instead." };
        Option<bool> noTrAct = CommonOptions.NoTrAct();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions();
        var optimizer = new OptimizerOptions();
        var command = new Command(
            "bench",
            "Times steps with and without TrAct, and the forward pass, in turn with a peer; says which formulation each layer got.")
        {
            model, batchSize, rounds, json, peer, only, profile, noTrAct, seed,
        };
        device.AddTo(command);
        optimizer.AddTo(command);
        return command.Runs(Bind, settings => Run(settings, writer));

        BenchSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            BatchSize = parsed.GetValue(batchSize),
            Rounds = parsed.GetValue(rounds),
            Json = parsed.GetValue(json),
            Peer = parsed.GetValue(peer),
            Only = parsed.GetValue(only),
            Profile = parsed.GetValue(profile),
            NoTrAct = parsed.GetValue(noTrAct),
            Seed = parsed.GetValue(seed),
            Optimizer = optimizer.Bind(parsed),
            Device = device.Bind(parsed),
        };
    }

    private static int Run(BenchSettings settings, TextWriter writer)
    {
        Device device = ChosenDevice.Open(settings.Device);
        if (settings.Profile)
        {
            foreach (OperatorProfile p in StepBenchmark.Profile(settings, device))
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.Milliseconds,10:F3} ms {p.Nodes,5} {p.Operator}"));
            return CommandLine.Done;
        }
        IReadOnlyList<Timing> timings = StepBenchmark.Run(settings, device);
        double peak = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
        if (settings.Json) writer.WriteLine(ToJson(settings, timings, peak));
        else Print(writer, timings, peak);
        return CommandLine.Done;
    }

    private static string ToJson(BenchSettings settings, IReadOnlyList<Timing> timings, double peak) => JsonSerializer.Serialize(
        new { model = settings.Model, settings.BatchSize, settings.Rounds, peakMegabytes = peak, milliseconds = timings },
        Indented);

    private static void Print(TextWriter writer, IReadOnlyList<Timing> timings, double peak)
    {
        writer.WriteLine("| | median ms | quartiles | lowest | start-up ms |");
        writer.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (Timing t in timings)
        {
            string quartiles = string.Create(CultureInfo.InvariantCulture, $"{t.LowerQuartile:F2} to {t.UpperQuartile:F2}");
            string row = string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {quartiles} | {t.Lowest:F2} | {t.StartUp:F0} |");
            writer.WriteLine(row);
        }
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peak memory of this process: {peak:F0} MB."));
        if (timings.MaxBy(t => t.Forms.Count) is not { Forms.Count: > 0 } step) return;
        writer.WriteLine($"Formulations ({step.Name}):");
        foreach (IGrouping<string, FormChoice> node in step.Forms.GroupBy(choice => choice.Node))
            writer.WriteLine($"  {node.Key}: {string.Join(", ", node.Select(choice => $"{choice.Part}={choice.Form}"))}");
    }
}
