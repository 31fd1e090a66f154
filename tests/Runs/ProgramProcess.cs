using System.Diagnostics;
using System.Text;
using TrainingHost.Commands;

namespace TrActOnnx.Tests.Runs;

/// <summary>The program as a process of its own, which can be killed.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new(), errors = new();
    private readonly TaskCompletionSource trains = new();

    private ProgramProcess(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Hear(output, line.Data);
        process.ErrorDataReceived += (_, line) => Hear(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Text(output);

    public string Errors => Text(errors);

    public static ProgramProcess Start(params string[] arguments) => Start(typeof(CommandLine).Assembly.Location, libraries: null, arguments);

    /// <param name="program">The program's assembly.</param>
    /// <param name="libraries">A folder with native libraries that it finds; null for none.</param>
    /// <param name="arguments">Its command line.</param>
    public static ProgramProcess Start(string program, string? libraries, params string[] arguments)
    {
        string[] command = [.. IgnoresInterrupts() ? ["env", "--default-signal=INT"] : Array.Empty<string>(), "dotnet", program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (libraries is not null) start.Environment["LD_LIBRARY_PATH"] = libraries;
        return new(Process.Start(start)!);
    }

    /// <summary>Runs to its end; any exit code but 0 fails the test.</summary>
    public static string Run(params string[] arguments)
    {
        using ProgramProcess program = Start(arguments);
        int code = program.End();
        return code == 0 ? program.Output : throw new AssertFailedException($"{string.Join(' ', arguments)}: exit code {code}: {program.Errors}");
    }

    /// <summary>Waits until the first step is done, or the process ends.</summary>
    public void UntilItTrains() => Task.WaitAny([trains.Task, process.WaitForExitAsync()], TimeSpan.FromMinutes(2));

    public bool HasEnded(TimeSpan wait) => process.WaitForExit(wait);

    /// <summary>SIGKILL.</summary>
    public void Kill() => process.Kill();

    /// <param name="name">INT, TERM.</param>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>The exit code, once all that it wrote is read.</summary>
    public int End()
    {
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    /// <summary>Whether SIGINT is ignored here, as a shell does it for what it starts in the background: children inherit that.</summary>
    private static bool IgnoresInterrupts() => OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is var ignored
        && (Convert.ToUInt64(ignored["SigIgn:".Length..].Trim(), 16) & 0b10) != 0;

    private void Hear(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
        if (line.StartsWith("step ", StringComparison.Ordinal)) trains.TrySetResult();
    }

    private static string Text(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
