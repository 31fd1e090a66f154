using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Commands;

/// <summary>
/// A verb's options as they stand in a settings file, and a command line that is completed by them: <c>--resume</c> and <c>--config</c>. Names are
/// those of the options without dashes, values as one would type them.
/// </summary>
internal static class StoredOptions
{
    /// <summary>Options that take each other's place: a stored one goes where the other is given.</summary>
    private static readonly Dictionary<string, string> Instead = new() { ["epochs"] = "steps", ["steps"] = "epochs" };

    /// <summary>All options that have a value, given or by default, but those that are left out.</summary>
    public static OrderedDictionary<string, string[]> Of(ParseResult parsed, IReadOnlySet<string> leftOut)
    {
        var options = new OrderedDictionary<string, string[]>();
        foreach (Option option in parsed.CommandResult.Command.Options.Where(option => !leftOut.Contains(option.Name)))
        {
            if (parsed.GetResult(option) is not { } result) continue;
            string[] values = result.Implicit ? Default(option) : [.. result.Tokens.Select(token => token.Value)];
            if (values.Length == 0 && option.ValueType == typeof(bool)) values = [result.Implicit ? "false" : "true"];
            if (values.Length > 0 && !(values is ["false"] && option.ValueType == typeof(bool))) options[Key(option)] = values;
        }
        return options;
    }

    /// <summary>The command line with the stored value of each option that it does not give.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stored">The stored options.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="leftOut">Stored options that do not count.</param>
    /// <exception cref="GraphRewriteException">The file holds an option that the verb does not have, or a value that it refuses.</exception>
    public static ParseResult Complete(
        ParseResult parsed, IReadOnlyDictionary<string, string[]> stored, string source, params IReadOnlyList<string> leftOut)
    {
        Command command = parsed.CommandResult.Command;
        Dictionary<string, Option> known = command.Options.ToDictionary(Key);
        List<string> line = [command.Name, .. TokensOf(parsed)];
        foreach ((string key, string[] values) in stored.Where(pair => !leftOut.Contains(pair.Key)))
        {
            if (!known.TryGetValue(key, out Option? option))
                throw new GraphRewriteException($"{source}: has the option '{key}', which {command.Name} does not know.");
            if (IsGiven(parsed, option)) continue;
            if (Instead.TryGetValue(key, out string? other) && IsGiven(parsed, known[other])) continue;
            foreach (string value in values) line.AddRange(option.Name, value);
        }
        ParseResult completed = parsed.RootCommandResult.Command.Parse(line);
        return completed.Errors.Count == 0 ? completed
            : throw new GraphRewriteException($"{source}: {string.Join(" ", completed.Errors.Select(error => error.Message))}");
    }

    /// <summary>Options that are given with another value than the stored one.</summary>
    public static IEnumerable<(Option Option, string Given, string? Stored)> Differences(
        ParseResult parsed, IReadOnlyDictionary<string, string[]> stored)
    {
        foreach (Option option in parsed.CommandResult.Command.Options.Where(option => IsGiven(parsed, option)))
        {
            string[] given = [.. parsed.GetResult(option)!.Tokens.Select(token => token.Value)];
            if (given.Length == 0) given = ["true"];
            string[] before = stored.GetValueOrDefault(Key(option)) ?? [];
            if (!given.SequenceEqual(before, SameValue.Instance))
                yield return (option, string.Join(' ', given), before.Length > 0 ? string.Join(' ', before) : null);
        }
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string Key(Option option) => option.Name.TrimStart('-');

    /// <summary>What was typed after the verb.</summary>
    private static IEnumerable<string> TokensOf(ParseResult parsed) =>
        parsed.Tokens.SkipWhile(token => token.Type != TokenType.Command).Skip(1).Select(token => token.Value);

    private static string[] Default(Option option) => !option.HasDefaultValue ? [] : option.GetDefaultValue() switch
    {
        null => [],
        bool value => [value ? "true" : "false"],
        string value => [value],
        System.Collections.IEnumerable values => [.. values.Cast<object>().Select(Text)],
        object value => [Text(value)],
    };

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>The same text, whatever its case, or the same number.</summary>
    private sealed class SameValue : IEqualityComparer<string>
    {
        public static SameValue Instance { get; } = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.OrdinalIgnoreCase)
            || (Number(x) is { } one && Number(y) is { } other && one == other)
            || (x is not null && y is not null && Path.Exists(x) && Path.GetFullPath(x) == Path.GetFullPath(y));

        public int GetHashCode(string value) => 0;

        private static double? Number(string? text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
