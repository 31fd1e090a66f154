using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Benchmarks;

/// <summary>
/// The same benchmark in several fresh processes, one after the other: where memory lies is drawn anew in each, and with it the speed.
/// </summary>
internal static class BenchProcesses
{
    /// <param name="arguments">The command line of each: it makes the program print a <see cref="BenchReport"/>.</param>
    /// <param name="processes">How many to run.</param>
    /// <exception cref="ProcessFailedException">One of them failed; the others are not started.</exception>
    /// <exception cref="GraphRewriteException">The program cannot be started again.</exception>
    public static ProcessesReport Run(IReadOnlyList<string> arguments, int processes) =>
        ProcessesReport.Of([.. Enumerable.Range(1, processes).Select(number => Run(arguments, $"process {number} of {processes}"))]);

    private static BenchReport Run(IReadOnlyList<string> arguments, string name)
    {
        using Process process = Start(arguments);
        // Both at once: a process whose error stream is full would wait for ever.
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw ProcessFailedException.Of(name, process.ExitCode, errors.Result);
        try
        {
            return BenchReport.Parse(output);
        }
        catch (JsonException e)
        {
            throw new GraphRewriteException($"bench: {name} ended well, but printed no report ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static Process Start(IReadOnlyList<string> arguments)
    {
        (string program, string[] first) = ThisProgram();
        var start = new ProcessStartInfo(program, [.. first, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new GraphRewriteException($"--processes: {program} does not start: {e.Message}", e);
        }
    }

    /// <summary>What starts this program once more: itself, or the runtime with the assembly (<c>dotnet TrainingHost.dll</c>).</summary>
    private static (string Program, string[] First) ThisProgram()
    {
        string assembly = typeof(BenchProcesses).Assembly.GetName().Name!, path = Environment.ProcessPath ?? "";
        if (Path.GetFileNameWithoutExtension(path) == assembly) return (path, []);
        string runtime = Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : RuntimeHost();
        return (runtime, [typeof(BenchProcesses).Assembly.Location]);
    }

    /// <summary>The dotnet of the runtime that this process runs on: ROOT/shared/Microsoft.NETCore.App/VERSION is where that lies.</summary>
    private static string RuntimeHost()
    {
        string host = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", host));
        return File.Exists(beside) ? beside : host;
    }
}
