using Spectre.Console;

namespace TrainingHost.Reporting;

/// <summary>A console over the writer that a command was given: a terminal where the writer is the process's own, else plain text.</summary>
internal static class OutputConsole
{
    /// <param name="writer">Where it writes.</param>
    public static IAnsiConsole Over(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = int.MaxValue; // a file or a pipe has no width to wrap at
        return console;
    }
}
