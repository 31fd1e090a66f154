using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace TrainingHost.Commands;

/// <summary>
/// --help: what a verb does, how it is called, its options in their groups, examples. (The library's own help knows neither groups nor examples, and
/// does not let others write sections.)
/// </summary>
internal sealed class HelpText : SynchronousCommandLineAction
{
    private const string CommonHeading = "Common options", OtherHeading = "Options";
    private const int Indent = 2, Gap = 2, WidestLabel = 34, NarrowestText = 30;

    private readonly int width;

    /// <param name="width">Columns to wrap at.</param>
    public HelpText(int width) => this.width = width;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        foreach (string line in Lines(parseResult.CommandResult.Command)) parseResult.InvocationConfiguration.Output.WriteLine(line);
        return CommandLine.Done;
    }

    private IEnumerable<string> Lines(Command command)
    {
        foreach (string line in Wrapped(command.Description!, 0)) yield return line;
        yield return "";
        yield return "Usage:";
        yield return $"  {Usage(command)}";
        var sections = new List<(string Heading, IReadOnlyList<(string Label, string Text)> Rows)>();
        if (command.Arguments.Count > 0) sections.Add(("Arguments", [.. command.Arguments.Select(Row)]));
        if (command.Subcommands.Any(verb => !verb.Hidden))
            sections.Add(("Commands", [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => (verb.Name, verb.Description!))]));
        foreach (OptionGroup group in Groups(command)) sections.Add((group.Heading, [.. group.Options.Select(Row)]));
        IEnumerable<int> labels = sections.SelectMany(section => section.Rows).Select(row => row.Label.Length);
        int column = Indent + Gap + labels.Where(length => length <= WidestLabel).Max();
        foreach ((string heading, IReadOnlyList<(string Label, string Text)> rows) in sections)
        {
            yield return "";
            yield return $"{heading}:";
            foreach ((string label, string text) in rows)
                foreach (string line in Columns(label, text, column)) yield return line;
        }
        IReadOnlyList<Example> examples = command is VerbCommand verbCommand ? verbCommand.Examples : CommandLine.Examples;
        if (examples.Count == 0) yield break;
        yield return "";
        yield return "Examples:";
        foreach (Example example in examples)
        {
            yield return $"  {ProgramName.Typed} {example.Arguments}";
            foreach (string line in Wrapped(example.Does, Indent + Gap)) yield return line;
        }
    }

    private static string Usage(Command command)
    {
        if (command is RootCommand) return $"{ProgramName.Typed} [COMMAND] [options]";
        IEnumerable<string> arguments = command.Arguments.Where(argument => !argument.Hidden)
            .Select(argument => argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name);
        IEnumerable<string> required = command.Options.Where(option => option.Required && !option.Hidden).Select(Label);
        return string.Join(' ', [ProgramName.Typed, command.Name, .. arguments, .. required, "[options]"]);
    }

    /// <summary>The groups of the verb, its other options, and those that all verbs have.</summary>
    private static IEnumerable<OptionGroup> Groups(Command command)
    {
        IReadOnlyList<OptionGroup> own = command is VerbCommand verb ? verb.Groups : [];
        HashSet<Option> grouped = [.. own.SelectMany(group => group.Options)];
        IEnumerable<Option> single = command.Options.Where(option => !option.Recursive && !option.Hidden && option is not VersionOption);
        Option[] others = [.. single.Except(grouped)];
        if (others.Length > 0) yield return new(OtherHeading, others);
        foreach (OptionGroup group in own) yield return group;
        Command root = command;
        while (root.Parents.OfType<Command>().FirstOrDefault() is { } parent) root = parent;
        IEnumerable<Option> common = root.Options.Where(option => option.Recursive && !option.Hidden).OrderBy(option => option is HelpOption);
        yield return new(CommonHeading, [.. common, .. command.Options.OfType<VersionOption>()]);
    }

    private static (string Label, string Text) Row(Argument argument) => (argument.Name, argument.Description ?? "");

    private static (string Label, string Text) Row(Option option)
    {
        string given = option.HasDefaultValue ? Default(option) : "";
        string text = $"{option.Description}{(option.Required ? " (required)" : "")}{(given.Length > 0 ? $" [default: {given}]" : "")}";
        return (Label(option), text);
    }

    /// <summary>-o, --output &lt;path&gt;.</summary>
    private static string Label(Option option)
    {
        IEnumerable<string> names = option.Aliases.Append(option.Name).Where(name => name is not "-?" and not "/?" and not "/h");
        bool isSwitch = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0;
        string value = isSwitch ? "" : $" <{option.HelpName ?? option.Name.TrimStart('-')}>";
        return string.Join(", ", names.OrderBy(name => name.Length)) + value;
    }

    private static string Default(Option option) => option.GetDefaultValue() switch
    {
        null or false => "",
        string text => text,
        System.Collections.IEnumerable several => string.Join(", ", several.Cast<object>()),
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        { } other => $"{other}",
    };

    private IEnumerable<string> Columns(string label, string text, int column)
    {
        string first = $"{new string(' ', Indent)}{label}";
        bool fits = first.Length + Gap <= column;
        if (!fits) yield return first;
        foreach (string line in Wrapped(text, column))
        {
            yield return fits ? first.PadRight(column) + line.TrimStart() : line;
            fits = false;
        }
    }

    /// <summary>A text in lines that begin at a column.</summary>
    private IEnumerable<string> Wrapped(string text, int column)
    {
        int room = Math.Max(width - column, NarrowestText);
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > room)
            {
                yield return new string(' ', column) + line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return new string(' ', column) + line;
    }
}
