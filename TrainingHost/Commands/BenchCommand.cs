using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using GraphRewrite.Diagnostics;
using GraphRewrite.Kernels;
using TrainingHost.Benchmarks;
using TrainingHost.Runtime;

namespace TrainingHost.Commands;

/// <summary>bench: step times with and without TrAct and of the forward pass, in turn.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(TextWriter writer)
    {
        Argument<string> folder = CommonOptions.Model();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "Timed runs of each.", DefaultValueFactory = _ => 20 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var peer = new Option<string?>("--peer") { Description = "A program that steps along: it does a step for each line on its input and answers with a line (tools/torch-step.py)." };
        var only = new Option<string?>("--only") { Description = "Run only this: plain, TrAct or forward. Then the peak memory is its own." };
        only.AcceptOnlyFromAmong("plain", "TrAct", "forward");
        var profile = new Option<bool>("--profile") { Description = "Print the step's kernel time by operator instead." };
        var noTrAct = CommonOptions.NoTrAct();
        Option<int> seed = CommonOptions.Seed();
        Option<string> device = CommonOptions.DeviceName();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> library = CommonOptions.OrtLibrary();
        var optimizer = new OptimizerOptions();
        var command = new Command("bench", "Times steps with and without TrAct, and the forward pass, in turn with a peer; says which formulation each layer got.") { folder, batchSize, rounds, json, peer, only, profile, noTrAct, seed, device, threads, library };
        optimizer.AddTo(command);
        command.SetAction(parsed =>
        {
            foreach (Option<int> option in new[] { batchSize, rounds })
                if (parsed.GetValue(option) < 1) throw new GraphRewriteException($"{option.Name} {parsed.GetValue(option)}: must be at least 1.");
            Device chosen = CommonOptions.ToDevice(parsed.GetValue(device)!, parsed.GetValue(threads), parsed.GetValue(library));
            string path = CommonOptions.ToModelPath(parsed.GetValue(folder)!);
            var plan = new BenchmarkPlan(path, parsed.GetValue(batchSize), parsed.GetValue(rounds), own => optimizer.Resolve(parsed, own).Settings, chosen, parsed.GetValue(seed));
            if (parsed.GetValue(profile))
            {
                foreach (OperatorProfile p in StepBenchmark.Profile(plan, !parsed.GetValue(noTrAct)))
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.Milliseconds,10:F3} ms {p.Nodes,5} {p.Operator}"));
                return CommandLine.Done;
            }
            IReadOnlyList<Timing> timings = StepBenchmark.Run(plan, parsed.GetValue(peer), parsed.GetValue(only));
            double peak = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6;
            if (parsed.GetValue(json)) writer.WriteLine(JsonSerializer.Serialize(new { model = path, plan.BatchSize, plan.Rounds, peakMegabytes = peak, milliseconds = timings }, Indented));
            else Print(writer, timings, peak);
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(TextWriter writer, IReadOnlyList<Timing> timings, double peak)
    {
        writer.WriteLine("| | median ms | quartiles | lowest | start-up ms |");
        writer.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (Timing t in timings)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {t.LowerQuartile:F2} to {t.UpperQuartile:F2} | {t.Lowest:F2} | {t.StartUp:F0} |"));
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peak memory of this process: {peak:F0} MB."));
        if (timings.MaxBy(t => t.Forms.Count) is not { Forms.Count: > 0 } step) return;
        writer.WriteLine($"Formulations ({step.Name}):");
        foreach (IGrouping<string, FormChoice> node in step.Forms.GroupBy(choice => choice.Node))
            writer.WriteLine($"  {node.Key}: {string.Join(", ", node.Select(choice => $"{choice.Part}={choice.Form}"))}");
    }
}
