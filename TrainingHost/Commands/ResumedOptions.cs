using System.CommandLine;
using GraphRewrite.Diagnostics;
using TrainingHost.Runs;

namespace TrainingHost.Commands;

/// <summary>The options of a run that goes on: its own, and of those that are given again only what may change.</summary>
internal static class ResumedOptions
{
    /// <summary>What leaves the steps behind as they are.</summary>
    private static readonly HashSet<string> MayChange =
    [
        "--epochs", "--steps", "--lr", "--schedule", "--warmup", "--patience", "--checkpoint-every", "--keep", "--device", "--threads",
        "--ort-library", "--workers", "--quiet", "--verbose", "--no-color", "--json",
    ];

    /// <exception cref="GraphRewriteException">An option is given with a value that is not the run's.</exception>
    public static ParseResult Complete(ParseResult given, string run, RunSettings settings)
    {
        foreach ((Option option, string value, string? before) in StoredOptions.Differences(given, settings.Options))
        {
            switch (option.Name)
            {
                case "--resume":
                    break;
                case "--model": // the run compares what it holds
                    break;
                case "--output" when Path.GetFullPath(value) == Path.GetFullPath(run):
                    break;
                case "--output" or "--overwrite" or "--config":
                    throw new GraphRewriteException(
                        $"{option.Name}: a resumed run goes on in its own folder, {run}, with its own settings. Leave it out.");
                case var name when !MayChange.Contains(name):
                    string was = before is null ? $"without {name}" : $"with {name} {before}";
                    throw new GraphRewriteException(
                        $"{name} {value}: the run in {run} began {was}. A resumed run may change {string.Join(", ", MayChange.Take(8))}; "
                        + $"leave {name} out, or train anew.");
            }
        }
        return StoredOptions.Complete(given, settings.Options, Path.Combine(run, RunFolder.SettingsFile), "model");
    }
}
