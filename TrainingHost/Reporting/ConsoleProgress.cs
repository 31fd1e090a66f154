using Spectre.Console;

namespace TrainingHost.Reporting;

/// <summary>Progress on the console: live on a terminal, plain lines where the output goes to a file or a pipe.</summary>
internal sealed class ConsoleProgress(IAnsiConsole console)
{
    public const int BarWidth = 24;

    /// <summary>Prints the title at once, then runs the work with its progress shown; the work's exceptions pass through.</summary>
    public T Run<T>(string title, Func<ITrainingProgress, T> work)
    {
        IAnsiConsoleOutput output = console.Profile.Out;
        if (!output.IsTerminal || !console.Profile.Capabilities.Ansi)
        {
            var plain = new PlainProgress(output.Writer);
            plain.Say(title);
            return work(plain);
        }
        console.WriteLine(title);
        return console.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = BarWidth }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new LiveProgress(console, context.AddTask("starting"))));
    }
}
