using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace TrainingHost.Commands;

/// <summary>
/// What can follow a command line that is being typed: <c>[suggest:POSITION] "PROGRAM WORDS"</c>, as the shells' scripts and dotnet-suggest ask.
/// The program's name, however it is typed, is taken off, and train is the verb where none is given.
/// </summary>
internal static class Completion
{
    private const string Directive = "[suggest";

    public static bool IsAsked(string[] args) => args is [var first, _, ..] && first.StartsWith(Directive, StringComparison.Ordinal);

    /// <param name="root">The verbs.</param>
    /// <param name="args">The directive and the line.</param>
    /// <param name="output">Gets a completion a line.</param>
    public static int Answer(RootCommand root, string[] args, TextWriter output)
    {
        string position = args[0][Directive.Length..].Trim(':', ']'), line = args[1];
        bool isPlaced = int.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out int cursor);
        string typed = isPlaced ? line[..Math.Min(cursor, line.Length)] : line;
        int name = typed.IndexOf(' ', StringComparison.Ordinal);
        typed = name < 0 ? "" : typed[(name + 1)..].TrimStart();
        bool hasVerb = root.Subcommands.Any(verb => typed.StartsWith($"{verb.Name} ", StringComparison.Ordinal));
        if (typed.StartsWith('-') && !hasVerb) typed = $"train {typed}";
        foreach (CompletionItem item in root.Parse(typed).GetCompletions(typed.Length)) output.WriteLine(item.InsertText ?? item.Label);
        return CommandLine.Done;
    }
}
