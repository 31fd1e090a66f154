using System.CommandLine;

namespace TrainingHost.Commands;

/// <summary>An option that takes one of a few names, in whatever case.</summary>
internal static class Choice
{
    /// <param name="name">The option's.</param>
    /// <param name="description">What it decides.</param>
    /// <param name="choices">The names, and what each stands for.</param>
    public static Option<T> Of<T>(string name, string description, params IReadOnlyList<(string Name, T Value)> choices)
    {
        // The parser takes the word behind an option of true and false for no value of it, unless it is one of the two.
        if (typeof(T) == typeof(bool) || typeof(T) == typeof(bool?))
            throw new ArgumentException("Names that stand for true and false.", nameof(choices));
        string[] names = [.. choices.Select(choice => choice.Name)];
        var option = new Option<T>(name) { Description = description, HelpName = string.Join('|', names), Arity = ArgumentArity.ExactlyOne };
        option.CompletionSources.Add(_ => names);
        option.CustomParser = result =>
        {
            string given = result.Tokens[^1].Value;
            foreach ((string known, T value) in choices)
                if (string.Equals(known, given, StringComparison.OrdinalIgnoreCase)) return value;
            string all = names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
            // ParseErrors speaks of empty ones.
            if (given.Length > 0) result.AddError($"{name} {given}: there {(names.Length == 1 ? "is" : "are")} {all}.");
            return default!;
        };
        return option;
    }
}
