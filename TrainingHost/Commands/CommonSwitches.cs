using System.CommandLine;
using TrainingHost.Reporting;

namespace TrainingHost.Commands;

/// <summary>What every verb takes: how much is said, in what colours, and for whom.</summary>
internal sealed class CommonSwitches
{
    private const string JsonName = "--json";

    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Says results and warnings only.", Recursive = true };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "Says what is done on the way, too.", Recursive = true };
    private readonly Option<bool> plain = new("--no-color") { Description = "No colours; the variable NO_COLOR does the same.", Recursive = true };

    /// <summary>--json, for a verb that has something to print.</summary>
    public static Option<bool> Json() => new(JsonName) { Description = "Prints the result as JSON." };

    public void AddTo(RootCommand root)
    {
        root.Add(quiet);
        root.Add(verbose);
        root.Add(plain);
    }

    /// <summary>Whether a word is one of these options.</summary>
    public bool Has(string word) => new[] { quiet, verbose, plain }.Any(option => option.Name == word || option.Aliases.Contains(word));

    /// <exception cref="GraphRewrite.Diagnostics.GraphRewriteException">-q and -v are both given.</exception>
    public void Set(VerbOutput output, ParseResult parsed)
    {
        (bool isQuiet, bool isVerbose) = (parsed.GetValue(quiet), parsed.GetValue(verbose));
        if (isQuiet && isVerbose) throw new GraphRewrite.Diagnostics.GraphRewriteException("--quiet: does not go with --verbose.");
        output.Verbosity = isQuiet ? Verbosity.Quiet : isVerbose ? Verbosity.Verbose : Verbosity.Normal;
        output.HasColor = !parsed.GetValue(plain) && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        output.IsJson = parsed.CommandResult.Command.Options.OfType<Option<bool>>().FirstOrDefault(option => option.Name == JsonName) is { } json
            && parsed.GetValue(json);
    }
}
