using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using GraphRewrite.Diagnostics;
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
        var profile = new Option<bool>("--profile") { Description = "Print the step's kernel time by operator instead." };
        var noTrAct = CommonOptions.NoTrAct();
        Option<int> seed = CommonOptions.Seed();
        Option<string> device = CommonOptions.DeviceName();
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> library = CommonOptions.OrtLibrary();
        var optimizer = new OptimizerOptions();
        var command = new Command("bench", "Times steps with and without TrAct, and the forward pass.") { folder, batchSize, rounds, json, profile, noTrAct, seed, device, threads, library };
        optimizer.AddTo(command);
        command.SetAction(parsed =>
        {
            foreach (Option<int> option in new[] { batchSize, rounds })
                if (parsed.GetValue(option) < 1) throw new GraphRewriteException($"{option.Name} {parsed.GetValue(option)}: must be at least 1.");
            Device chosen = CommonOptions.ToDevice(parsed.GetValue(device)!, parsed.GetValue(threads), parsed.GetValue(library));
            string path = CommonOptions.ToModelPath(parsed.GetValue(folder)!);
            if (parsed.GetValue(profile))
            {
                foreach (OperatorProfile p in StepBenchmark.Profile(path, !parsed.GetValue(noTrAct), parsed.GetValue(batchSize), parsed.GetValue(rounds), own => optimizer.Resolve(parsed, own).Settings, chosen, parsed.GetValue(seed)))
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.Milliseconds,10:F3} ms {p.Nodes,5} {p.Operator}"));
                return CommandLine.Done;
            }
            IReadOnlyList<Timing> timings = StepBenchmark.Run(path, parsed.GetValue(batchSize), parsed.GetValue(rounds), own => optimizer.Resolve(parsed, own).Settings, chosen, parsed.GetValue(seed));
            if (parsed.GetValue(json)) writer.WriteLine(JsonSerializer.Serialize(new { model = path, batchSize = parsed.GetValue(batchSize), milliseconds = timings }, Indented));
            else Print(writer, timings);
            return CommandLine.Done;
        });
        return command;
    }

    private static void Print(TextWriter writer, IReadOnlyList<Timing> timings)
    {
        writer.WriteLine("| | median ms | lowest | highest | start-up ms |");
        writer.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (Timing t in timings)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {t.Lowest:F2} | {t.Highest:F2} | {t.StartUp:F0} |"));
    }
}
