namespace TrainingHost.Benchmarks;

/// <summary>A process that this one has started failed: its own line, and its own exit code.</summary>
internal sealed class ProcessFailedException(string message, int exitCode) : Exception(message)
{
    private const string Crash = "Unhandled exception.";

    public int ExitCode { get; } = exitCode;

    /// <summary>
    /// With the line that says why: the last one, for warnings stand before it; of a crash the one above the stack trace; without any, the exit code.
    /// </summary>
    /// <param name="name">Which process it was.</param>
    /// <param name="exitCode">What it ended with.</param>
    /// <param name="errors">All that it wrote to its error stream.</param>
    public static ProcessFailedException Of(string name, int exitCode, string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? crash = Array.Find(lines, line => line.StartsWith(Crash, StringComparison.Ordinal));
        string message = crash is not null ? $"bench: {name} crashed: {crash[Crash.Length..].Trim()}"
            : lines.Length > 0 ? lines[^1]
            : $"bench: {name} ended with exit code {exitCode} and said nothing.";
        return new(message, exitCode);
    }
}
