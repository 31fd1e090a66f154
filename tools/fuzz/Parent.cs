using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using TrActOnnx.Tests.Fuzz;

namespace Fuzz;

/// <summary>
/// Children for all targets, a few at a time, each with the limits of docs/fuzzing.md; one that dies or hangs is a finding, and another goes on
/// behind it.
/// </summary>
internal sealed class Parent(IReadOnlyList<FuzzTarget> targets, long mutations, int seed, int jobs)
{
    /// <summary>What a child may hold: its own 120 MB and 200 MB for the model. Beyond it, OutOfMemoryException is the finding.</summary>
    private const string HeapLimit = "0x14000000";

    private const int ShownStrays = 60;
    private readonly ConcurrentDictionary<string, (long Count, string First)> strays = [];

    public bool Run()
    {
        long shares = targets.Sum(target => (long)target.Share);
        (FuzzTarget Target, Tally Tally)[] rows = [.. targets.Select(target => (target, new Tally()))];
        Parallel.ForEach(
            rows, new() { MaxDegreeOfParallelism = jobs }, row => Mutate(row.Target, row.Tally, Math.Max(1, mutations * row.Target.Share / shares)));

        Console.WriteLine("| target | mutations | accepted | refused | stray exceptions | hangs | crashes |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach ((FuzzTarget target, Tally tally) in rows) Console.WriteLine(tally.Row(target.Name));
        Tally all = Tally.Sum(rows.Select(row => row.Tally));
        Console.WriteLine(all.Row("all"));
        foreach ((string where, (long count, string first)) in strays.OrderByDescending(pair => pair.Value.Count).Take(ShownStrays))
            Console.WriteLine($"{count} x {where} (first: {first})");
        return all.IsClean;
    }

    private void Mutate(FuzzTarget target, Tally tally, long count)
    {
        for (long next = 0; next < count;)
        {
            string file = Path.GetTempFileName();
            using Process child = Start(target, next, count, file);
            while (child.StandardOutput.ReadLine() is { } line)
            {
                string[] parts = line.Split('\t', 2);
                if (parts.Length == 2) Note(parts[1], $"{target.Name} {parts[0]}");
            }
            child.WaitForExit();
            using var progress = new Progress(file);
            tally.Add(progress[0], progress[1], progress[2]);
            next = progress.Current;
            File.Delete(file);
            if (child.ExitCode == 0) continue;
            bool hung = child.ExitCode == Child.Hung;
            Note($"{(hung ? "hang" : $"crash, exit code {child.ExitCode}")} of {target.Name}", $"{target.Name} {next}");
            if (hung) tally.Hangs++;
            else tally.Crashes++;
            next++;
        }
    }

    private void Note(string where, string first) => strays.AddOrUpdate(where, (1, first), (_, known) => (known.Count + 1, known.First));

    private Process Start(FuzzTarget target, long from, long to, string file)
    {
        // dotnet fuzz.dll, or the program's own executable.
        string host = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(Parent).Assembly.Location] : [];
        string[] args = [.. program, "--child", target.Name, seed.ToString(CultureInfo.InvariantCulture), $"{from}", $"{to}", file];
        var start = new ProcessStartInfo(host, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = Path.GetTempPath(); // a mutated command line may name its output "NaN"
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["TRACT_MAX_NODES"] = "20000";
        start.Environment["TRACT_MAX_CONSTANT_BYTES"] = "50000000";
        Process child = Process.Start(start)!;
        child.ErrorDataReceived += (_, _) => { };
        child.BeginErrorReadLine();
        return child;
    }
}
