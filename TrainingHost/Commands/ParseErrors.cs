using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace TrainingHost.Commands;

/// <summary>What is wrong with a command line, in one line for the person who typed it.</summary>
internal static class ParseErrors
{
    /// <summary>Null where nothing is.</summary>
    public static string? Describe(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (Unknown(parsed, command) is { } unknown) return unknown;
        if (Empty(parsed.CommandResult) is { } empty) return empty;
        if (parsed.Errors.Count == 0) return null;
        string all = string.Join(" ", parsed.Errors.Select(Describe).Distinct());
        return command is RootCommand ? $"{all} See --help." : $"{all} See {command.Name} --help.";
    }

    /// <summary>A word that is no option, no verb, or one argument too many.</summary>
    private static string? Unknown(ParseResult parsed, Command command)
    {
        string[] words = [.. parsed.UnmatchedTokens, .. TakenAsArguments(parsed)];
        if (words.Length == 0) return null;
        if (command is RootCommand) return UnknownVerb(words[0], command);
        string help = $"See {command.Name} --help.";
        string[] options = [.. Options(parsed).Where(option => !option.Hidden).SelectMany(option => option.Aliases.Append(option.Name))];
        string[] unknown = [.. words.Where(word => word.StartsWith('-') && !double.TryParse(word, CultureInfo.InvariantCulture, out _))];
        if (unknown.Length == 0) return $"'{words[0]}': {command.Name} takes no such argument. {help}";
        return $"{string.Join(" ", unknown.Select(Question))} {help}";

        string Question(string word) => Suggestions.Option(word, options) is { } meant
            ? $"{command.Name} has no option {word}; did you mean {meant}?" : $"{command.Name} has no option {word}.";
    }

    /// <summary>Words that look like options, and that the parser took for arguments; behind -- they are arguments.</summary>
    private static IEnumerable<string> TakenAsArguments(ParseResult parsed)
    {
        HashSet<Token> free = new(parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash), ReferenceEqualityComparer.Instance);
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Where(token => token.Value is ['-', _, ..] && free.Contains(token)).Select(token => token.Value);
    }

    private static string UnknownVerb(string word, Command root)
    {
        string[] verbs = [.. root.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];
        if (Suggestions.Nearest(word, verbs) is { } meant) return $"'{word}' is no verb; did you mean {meant}? See --help.";
        if (Path.Exists(word) || ModelPath.Known().Contains(word)) return $"'{word}' is no verb; to train that model: train {word}";
        return $"'{word}' is no verb; there are {string.Join(", ", verbs)}. See --help.";
    }

    private static IEnumerable<Option> Options(ParseResult parsed)
    {
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is not CommandResult { Command: { } command }) continue;
            foreach (Option option in command.Options)
                if (at == parsed.CommandResult || option.Recursive) yield return option;
        }
    }

    private static string? Empty(CommandResult command)
    {
        foreach (SymbolResult result in command.Children)
        {
            if (result.Tokens.All(token => token.Value.Length > 0)) continue;
            string name = result is OptionResult option ? option.IdentifierToken?.Value ?? option.Option.Name
                : ((ArgumentResult)result).Argument.Name;
            return $"{name} '': is empty.";
        }
        return null;
    }

    private static string Describe(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        if (option is null) return error.Message;
        string name = option.IdentifierToken?.Value ?? option.Option.Name;
        bool isBare = option.Tokens.Count == 0 && option.IdentifierToken is not null;
        if (isBare && option.Option.Arity.MinimumNumberOfValues > 0) return $"{name}: needs a value.";
        return option.Tokens is [var token] && Wanted(option.Option.ValueType, token.Value) is { } wanted
            ? $"{name} {token.Value}: must be {wanted}." : error.Message;
    }

    /// <summary>What values of a type look like; null where the text is one.</summary>
    private static string? Wanted(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(int) || type == typeof(long))
        {
            (long least, long most) = type == typeof(int) ? (int.MinValue, (long)int.MaxValue) : (long.MinValue, long.MaxValue);
            bool isWhole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
            return isWhole && number >= least && number <= most ? null : string.Create(CultureInfo.InvariantCulture, $"a whole number, at most {most:N0}");
        }
        if (type == typeof(double) || type == typeof(float))
            return double.TryParse(text, CultureInfo.InvariantCulture, out _) ? null : "a number";
        return type == typeof(bool) && !bool.TryParse(text, out _) ? "true or false" : null;
    }
}
