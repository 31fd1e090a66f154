using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GraphRewrite.Kernels;
using TrainingHost.Benchmarks;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>bench: step times with and without TrAct and of the forward pass, in turn.</summary>
internal static class BenchCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples in a batch.", HelpName = "count", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "Timed runs of each.", HelpName = "count", DefaultValueFactory = _ => 20 };
        var processes = new Option<int>("--processes")
        {
            Description = "Fresh processes that time it, one after the other; prints their median, and how far they are apart.",
            HelpName = "count",
            DefaultValueFactory = _ => 1,
        };
        Option<bool> json = CommonSwitches.Json();
        var peer = new Option<string?>("--peer")
        {
            Description = "A program that steps along: it does a step for each line on its input and answers with a line (tools/libtorch-peer).",
            HelpName = "command",
        };
        Option<string?> only = Choice.Of<string?>(
            "--only", "Runs only this; then the peak memory is its own.", ("plain", "plain"), ("TrAct", "TrAct"), ("forward", "forward"));
        var profile = new Option<bool>("--profile")
        {
            Description = "Prints the step's kernel time by operator instead, and what products and memory take of it.",
        };
        Option<bool> noTrAct = CommonOptions.NoTrAct();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions(steps: true);
        var optimizer = new OptimizerOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand(
            "bench",
            "Times steps with and without TrAct, and the forward pass, in turn with a peer; says which formulation each layer got.")
        {
            Examples =
            [
                new("bench lenet --rounds 200", "Milliseconds a step, plain and with TrAct."),
                new("bench resnet18 --processes 3 --json", "The same in three processes, for a program to read."),
            ],
        };
        model.AddTo(command);
        command.Add("What is timed", batchSize, rounds, processes, only, peer, profile, noTrAct);
        command.Add(CommonOptions.OutputHeading, json);
        forward.AddTo(command);
        optimizer.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        BenchSettings Bind(ParseResult parsed) => new()
        {
            Model = model.Bind(parsed),
            BatchSize = parsed.GetValue(batchSize),
            Rounds = parsed.GetValue(rounds),
            Processes = parsed.GetValue(processes),
            ArgumentsOfEach = ArgumentsOfEach(parsed, processes, json),
            Peer = parsed.GetValue(peer),
            Only = parsed.GetValue(only),
            Profile = parsed.GetValue(profile),
            NoTrAct = parsed.GetValue(noTrAct),
            Seed = parsed.GetValue(seed),
            Forward = forward.Bind(parsed),
            Optimizer = optimizer.Bind(parsed),
            Device = device.Bind(parsed),
        };
    }

    private static int Run(BenchSettings settings, VerbOutput output)
    {
        if (settings.Processes > 1) return RunProcesses(settings, output);
        Device device = ChosenDevice.Open(settings.Device);
        if (settings.Profile)
        {
            IReadOnlyList<OperatorProfile> profile = StepBenchmark.Profile(settings, device);
            output.Json(() => profile);
            foreach (OperatorProfile p in profile) output.Result($"{p}");
            if (device.Kind == ExecutionDevice.Cpu) output.Result(MachineRates.Measure(device).Bound(profile));
            return CommandLine.Done;
        }
        var report = BenchReport.Of(settings, StepBenchmark.Run(settings, device));
        output.Json(() => report);
        Print(output, report);
        return CommandLine.Done;
    }

    private static int RunProcesses(BenchSettings settings, VerbOutput output)
    {
        ProcessesReport report = BenchProcesses.Run(settings.ArgumentsOfEach, settings.Processes);
        output.Json(() => report);
        Print(output, report);
        return CommandLine.Done;
    }

    /// <summary>The command line without these two options, and with JSON asked for.</summary>
    private static string[] ArgumentsOfEach(ParseResult parsed, params Option[] without)
    {
        HashSet<Token> left = new(
            without.Select(parsed.GetResult).OfType<OptionResult>().SelectMany(option => option.Tokens.Append(option.IdentifierToken!)),
            ReferenceEqualityComparer.Instance);
        IEnumerable<Token> kept = parsed.Tokens.Where(token => !left.Contains(token) && token.Type != TokenType.Command);
        // Behind the verb, before a -- that may follow.
        return [parsed.CommandResult.Command.Name, "--json=true", .. kept.Select(token => token.Value)];
    }

    private static void Print(VerbOutput output, BenchReport report)
    {
        output.Result("| | median ms | quartiles | lowest | start-up ms |");
        output.Result("| --- | --- | --- | --- | --- |");
        foreach (Timing t in report.Timings)
        {
            string quartiles = string.Create(CultureInfo.InvariantCulture, $"{t.LowerQuartile:F2} to {t.UpperQuartile:F2}");
            string row = string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {quartiles} | {t.Lowest:F2} | {t.StartUp:F0} |");
            output.Result(row);
        }
        output.Result(string.Create(CultureInfo.InvariantCulture, $"Peak memory of this process: {report.PeakMegabytes:F0} MB."));
        PrintForms(output, report.Timings.Select(t => (t.Name, t.Forms)));
    }

    private static void Print(VerbOutput output, ProcessesReport report)
    {
        output.Result("| | median ms | fastest process | slowest process | slowest / fastest | start-up ms |");
        output.Result("| --- | --- | --- | --- | --- | --- |");
        foreach (ProcessesTiming t in report.Timings)
        {
            string processes = string.Create(CultureInfo.InvariantCulture, $"{t.Fastest:F2} | {t.Slowest:F2} | {t.Spread:F2}");
            output.Result(string.Create(CultureInfo.InvariantCulture, $"| {t.Name} | {t.Median:F2} | {processes} | {t.StartUp:F0} |"));
        }
        output.Result(string.Create(CultureInfo.InvariantCulture, $"Highest peak memory of a process: {report.PeakMegabytes:F0} MB."));
        output.Result($"Ran {report.Processes} processes, one after the other, with {report.Rounds} timed runs of each contestant.");
        PrintForms(output, report.Timings.Select(t => (t.Name, t.Forms)));
    }

    private static void PrintForms(VerbOutput output, IEnumerable<(string Name, IReadOnlyList<FormChoice> Forms)> contestants)
    {
        (string name, IReadOnlyList<FormChoice> forms) = contestants.MaxBy(contestant => contestant.Forms.Count);
        if (forms.Count == 0) return;
        output.Result($"Formulations ({name}):");
        foreach (IGrouping<string, FormChoice> node in forms.GroupBy(choice => choice.Node))
            output.Result($"  {node.Key}: {string.Join(", ", node.Select(choice => $"{choice.Part}={choice.Form}"))}");
    }
}
