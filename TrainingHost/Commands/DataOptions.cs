using System.CommandLine;
using System.Globalization;
using GraphRewrite.Diagnostics;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>What a verb trains or tests on.</summary>
internal sealed class DataOptions
{
    public const string Heading = "Data";

    private const string Skip = "skip";

    /// <summary>What of a run's stored options holds for another look at its data.</summary>
    public static IReadOnlyList<string> OfData { get; } = ["data", "label", "ignore", "on-corrupt", "image-size", "mean", "std", "workers"];

    private readonly Option<string> data = new("--data")
    {
        Description = "fashion-mnist (embedded), synthetic, a folder (images by class, idx, CIFAR .bin, .npy, tables), a .npz, .csv or .parquet "
            + "file, or X.npy,Y.npy.",
        DefaultValueFactory = _ => FashionMnist.Name,
    };

    private readonly Option<string?> label = Text("--label", "column", "The column of a table to predict; several: A,B.");
    private readonly Option<string?> ignore = Text("--ignore", "columns", "Columns of a table to leave out: A,B.");

    private readonly Option<double?> validation = new("--validation")
    {
        Description = "The part of the training examples held out, where the data has no validation part: 0 for none. [default: 0.1]",
        HelpName = "part",
    };

    private readonly Option<string> augment = new("--augment")
    {
        Description = "none, light, cifar, imagenet, or changes by name, separated by commas: crop=4, flip, rotation=15, resized-crop=0.08, "
            + "jitter=0.4, randaugment=2:9, erasing=0.25, mixup=0.2, cutmix=1.",
        DefaultValueFactory = _ => "none",
    };

    private readonly Option<int?> workers = new("--workers") { Description = "Threads that load and augment. [default: one a core]" };

    private readonly Option<string?> corrupt = Choice.Of<string?>(
        "--on-corrupt",
        "A damaged file or an empty cell ends the run, or all are looked for before it, named, counted and left out. [default: fail]",
        ("fail", "fail"),
        ("skip", Skip));

    private readonly Option<string?> mean = Text(
        "--mean", "numbers", "Of each channel, of values 0 to 1: R,G,B, or one. [default: the training examples']");

    private readonly Option<string?> std = Text(
        "--std", "numbers", "Deviations, as --mean has means. [default: the training examples']");

    private readonly Option<string?> size = Text(
        "--image-size", "size", "HEIGHTxWIDTH where the model leaves them open. [default: the images', or 224x224]");

    /// <summary>Options that say what the examples are: where one differs, a run's data is no longer its own.</summary>
    public static IReadOnlyList<string> OfExamples { get; } = ["--data", "--label", "--ignore", "--on-corrupt"];

    /// <summary>--data itself.</summary>
    public Option<string> Source => data;

    public void AddTo(VerbCommand command) =>
        command.Add(Heading, data, label, ignore, validation, corrupt, size, mean, std, augment, workers);

    /// <summary>Those of a verb that trains nothing: the test examples, those held out where there are none, or all.</summary>
    public void AddForTestTo(VerbCommand command) => command.Add(Heading, data, label, ignore, corrupt, size, mean, std, workers);

    /// <inheritdoc cref="Bind"/>
    /// <param name="parsed">The command line.</param>
    /// <param name="validation">The part that a run has held out; null: as it is by default.</param>
    public DataChoice BindForTest(ParseResult parsed, double? validation = 0) => Read(parsed) with { Validation = validation, IsEvaluated = true };

    /// <exception cref="GraphRewriteException">A list holds something else than numbers, or there is no such choice.</exception>
    public DataChoice Bind(ParseResult parsed)
    {
        string changes = parsed.GetValue(augment)!;
        AugmentationText.Parse(changes);
        return Read(parsed) with { Validation = parsed.GetValue(validation), Augment = changes };
    }

    private DataChoice Read(ParseResult parsed) => new()
    {
        Data = parsed.GetValue(data)!,
        Label = Names(parsed.GetValue(label)),
        Ignore = Names(parsed.GetValue(ignore)),
        Workers = parsed.GetValue(workers),
        SkipCorrupt = parsed.GetValue(corrupt) == Skip,
        Mean = Numbers("--mean", parsed.GetValue(mean)),
        Std = Numbers("--std", parsed.GetValue(std)),
        ImageSize = Size(parsed.GetValue(size)),
    };

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static string[] Names(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static double[]? Numbers(string option, string? text) => text is null ? null : [.. text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
            : throw new GraphRewriteException($"{option} {text}: '{part}' is no number. Give one, or one a channel: 0.485,0.456,0.406"))];

    private static (int Height, int Width)? Size(string? text)
    {
        if (text is null) return null;
        string[] parts = text.Split('x');
        return int.TryParse(parts[0], out int height) && int.TryParse(parts[^1], out int width) && parts.Length <= 2 ? (height, width)
            : throw new GraphRewriteException($"--image-size {text}: is no HEIGHTxWIDTH, such as 224x224");
    }
}
