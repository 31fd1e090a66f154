using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>The data of a run: where it is, what of it is what, and what is done to it.</summary>
internal sealed record DataChoice : ISettings
{
    /// <summary>What part of the training examples is held out where the data has no validation part and nothing else is asked for.</summary>
    public const double DefaultValidation = 0.1;

    /// <summary>--data: what <see cref="Data.Sources.DataSource"/> knows, or synthetic.</summary>
    public string Data { get; init; } = "fashion-mnist";

    /// <summary>--label: the columns of a table to predict.</summary>
    public IReadOnlyList<string> Label { get; init; } = [];

    /// <summary>--ignore: columns of a table to leave out.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>--validation: the part of the training examples that is held out; 0: none; null: as the data has it.</summary>
    public double? Validation { get; init; }

    /// <summary>
    /// Whether the examples are evaluated, not trained on: then the parts that the data has all stay, and none is held out beside a test part.
    /// </summary>
    public bool IsEvaluated { get; init; }

    /// <summary>--augment: a preset, or what is done, separated by commas.</summary>
    public string Augment { get; init; } = "none";

    /// <summary>--workers: threads that load; null: one a core.</summary>
    public int? Workers { get; init; }

    /// <summary>--on-corrupt skip: what cannot be read is left out and counted, not fatal.</summary>
    public bool SkipCorrupt { get; init; }

    /// <summary>--mean: for each channel (or one for all), of values 0 … 1; null: the training examples'.</summary>
    public IReadOnlyList<double>? Mean { get; init; }

    /// <summary>--std: for each channel (or one for all), of values 0 … 1; null: the training examples'.</summary>
    public IReadOnlyList<double>? Std { get; init; }

    /// <summary>--image-size: height and width for extents that the model leaves open.</summary>
    public (int Height, int Width)? ImageSize { get; init; }

    public void Validate()
    {
        Ranges.AtLeastOne("--workers", Workers);
        if (Validation is { } part && !(part is >= 0 and < 1))
            throw new GraphRewriteException($"--validation {part.ToString(CultureInfo.InvariantCulture)}: must be at least 0 and below 1");
        if (Mean?.All(double.IsFinite) is false) throw new GraphRewriteException("--mean: must be finite numbers");
        if (Std?.All(std => std > 0 && double.IsFinite(std)) is false) throw new GraphRewriteException("--std: must be finite numbers above 0");
        if (ImageSize is ( < 1, _) or (_, < 1)) throw new GraphRewriteException("--image-size: must be at least 1x1");
    }
}
