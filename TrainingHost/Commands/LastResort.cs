using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TrainingHost.Commands;

/// <summary>What is left to do for an error that nobody has thought of: one line, and a file with all that a report of it needs.</summary>
internal static class LastResort
{
    /// <summary>EX_SOFTWARE of sysexits.h.</summary>
    public const int ExitCode = 70;

    /// <returns>The line.</returns>
    public static string Describe(Exception error, IReadOnlyList<string> args)
    {
        string what = args.Count > 0 ? string.Join(' ', args) : "train";
        string line = OneLine($"{what}: an error of the program itself ({error.GetType().Name}: {error.Message.TrimEnd('.')})");
        try
        {
            string file = Path.Combine(Path.GetTempPath(), string.Create(
                CultureInfo.InvariantCulture, $"tract-onnx-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt"));
            using var report = new StreamWriter(new FileStream(file, FileMode.CreateNew)); // never through a link that is there already
            foreach (string detail in Details(error, args)) report.WriteLine(detail);
            return $"{line}. {file} says more; please report it with that file.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{line}, in {Site(error)}. Please report it.";
        }
    }

    /// <summary>The program, ONNX Runtime, .NET, the system and its processors, in a line.</summary>
    public static string Versions =>
        $"{Version(typeof(LastResort).Assembly)}, {Version(typeof(Microsoft.ML.OnnxRuntime.OrtEnv).Assembly)}, "
        + $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture}), "
        + $"{Environment.ProcessorCount} processors";

    private static IEnumerable<string> Details(Exception error, IReadOnlyList<string> args) =>
    [
        $"command line: {ProgramName.Typed} {string.Join(' ', args.Select(arg => arg.Contains(' ', StringComparison.Ordinal) ? $"'{arg}'" : arg))}",
        $"working directory: {Environment.CurrentDirectory}",
        $"program: {Versions}",
        "",
        error.ToString(),
    ];

    private static string Version(Assembly assembly) =>
        $"{assembly.GetName().Name} {assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?"}";

    private static string Site(Exception error) => error.TargetSite is { } site ? $"{site.DeclaringType?.Name}.{site.Name}" : "a place unknown";

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
