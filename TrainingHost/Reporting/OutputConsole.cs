using Spectre.Console;

namespace TrainingHost.Reporting;

/// <summary>A console over what a verb says: a terminal where that goes to the process's own output, else plain text.</summary>
internal static class OutputConsole
{
    /// <param name="output">Where it writes; with -q or --json nothing is written.</param>
    public static IAnsiConsole Over(VerbOutput output)
    {
        TextWriter writer = output.IsJson || output.Verbosity == Verbosity.Quiet ? TextWriter.Null : output.Writer;
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) };
        if (!output.HasColor) settings.ColorSystem = ColorSystemSupport.NoColors;
        IAnsiConsole console = AnsiConsole.Create(settings);
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = int.MaxValue; // a file or a pipe has no width to wrap at
        return console;
    }
}
