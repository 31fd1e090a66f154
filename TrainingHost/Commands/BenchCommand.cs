using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GraphRewrite.Kernels;
using TrainingHost.Benchmarks;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>bench: step times with and without TrAct and of the forward pass, in turn.</summary>
internal static class BenchCommand
{
    public static Command Create(TextWriter writer)
    {
        Argument<string> model = CommonOptions.Model();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "Timed runs of each.", DefaultValueFactory = _ => 20 };
        var processes = new Option<int>("--processes")
        {
            Description = "Fresh processes that time it, one after the other; prints their median, and how far they are apart.",
            DefaultValueFactory = _ => 1,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var peer = new Option<string?>("--peer")
        {
            Description = "A program that steps along: it does a step for each line on its input and answers with a line (tools/libtorch-peer).",
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
            model, batchSize, rounds, processes, json, peer, only, profile, noTrAct, seed,
        };
        device.AddTo(command);
        optimizer.AddTo(command);
        return command.Runs(Bind, settings => Run(settings, writer));

        BenchSettings Bind(ParseResult parsed) => new()
        {
            Model = CommonOptions.ToModelPath(parsed.GetValue(model)!),
            BatchSize = parsed.GetValue(batchSize),
            Rounds = parsed.GetValue(rounds),
            Processes = parsed.GetValue(processes),
            ArgumentsOfEach = ArgumentsOfEach(parsed, processes, json),
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
        if (settings.Processes > 1) return RunProcesses(settings, writer);
        Device device = ChosenDevice.Open(settings.Device);
        if (settings.Profile)
        {
            foreach (OperatorProfile p in StepBenchmark.Profile(settings, device))
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{p.Milliseconds,10:F3} ms {p.Nodes,5} {p.Operator}"));
            return CommandLine.Done;
        }
        var report = BenchReport.Of(settings, StepBenchmark.Run(settings, device));
        if (settings.Json) writer.WriteLine(report.ToJson());
        else Print(writer, report);
        return CommandLine.Done;
    }

    private static int RunProcesses(BenchSettings settings, TextWriter writer)
    {
        ProcessesReport report = BenchProcesses.Run(settings.ArgumentsOfEach, settings.Processes);
        if (settings.Json) writer.WriteLine(report.ToJson());
        else Print(writer, report);
        return CommandLine.Done;
    }

    /// <summary>The command line without these two options, and with JSON asked for.</summary>
    private static string[] ArgumentsOfEach(ParseResult parsed, params Option[] without)
    {
        HashSet<Token> left = new(
            without.Select(parsed.GetResult).OfType<OptionResult>().SelectMany(option => option.Tokens.Append(option.IdentifierToken!)),
            ReferenceEqualityComparer.Instance);
        IEnumerable<string> kept = parsed.Tokens.Where(token => !left.Contains(token)).Select(token => token.Value);
        // Behind the verb, before a -- that may follow.
        return [parsed.CommandResult.Command.Name, "--json=true", .. kept.Skip(1)];
    }

    private static void Print(TextWriter writer, BenchReport report)
    {
        writer.WriteLine("| | median ms | quartiles | lowest | start-up ms |");
        writer.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (Timing t in report.Timings)
        {
            string quartiles = string.Create(CultureInfo.InvariantCulture, $"{t.LowerQuartile:F2} to {t.UpperQuartile:F2}");
            string row = string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {quartiles} | {t.Lowest:F2} | {t.StartUp:F0} |");
            writer.WriteLine(row);
        }
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peak memory of this process: {report.PeakMegabytes:F0} MB."));
        PrintForms(writer, report.Timings.Select(t => (t.Name, t.Forms)));
    }

    private static void Print(TextWriter writer, ProcessesReport report)
    {
        writer.WriteLine("| | median ms | fastest process | slowest process | slowest / fastest | start-up ms |");
        writer.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (ProcessesTiming t in report.Timings)
        {
            string processes = string.Create(CultureInfo.InvariantCulture, $"{t.Fastest:F2} | {t.Slowest:F2} | {t.Spread:F2}");
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {processes} | {t.StartUp:F0} |"));
        }
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Highest peak memory of a process: {report.PeakMegabytes:F0} MB."));
        writer.WriteLine($"Ran {report.Processes} processes, one after the other, with {report.Rounds} timed runs of each contestant.");
        PrintForms(writer, report.Timings.Select(t => (t.Name, t.Forms)));
    }

    private static void PrintForms(TextWriter writer, IEnumerable<(string Name, IReadOnlyList<FormChoice> Forms)> contestants)
    {
        (string name, IReadOnlyList<FormChoice> forms) = contestants.MaxBy(contestant => contestant.Forms.Count);
        if (forms.Count == 0) return;
        writer.WriteLine($"Formulations ({name}):");
        foreach (IGrouping<string, FormChoice> node in forms.GroupBy(choice => choice.Node))
            writer.WriteLine($"  {node.Key}: {string.Join(", ", node.Select(choice => $"{choice.Part}={choice.Form}"))}");
    }
}
