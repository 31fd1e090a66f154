using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.NormalForm;

namespace TrainingHost.Settings;

/// <summary>What to make of a forward model. Artifacts have all that inside.</summary>
internal sealed record ForwardChoice
{
    /// <summary>--loss, --predict and what belongs to them.</summary>
    public LossChoice Loss { get; init; } = new();

    /// <summary>--freeze: names or globs of parameters.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>--size: extents of symbolic dimensions.</summary>
    public IReadOnlyDictionary<string, long> Sizes { get; init; } = new Dictionary<string, long>();

    /// <summary>--length: steps of recurrent layers.</summary>
    public long? Length { get; init; }

    /// <summary>--bn; null: train.</summary>
    public BatchNormMode? BatchNorm { get; init; }

    /// <param name="path">The model.</param>
    /// <param name="seed">Of parameters that the model brings no values for.</param>
    /// <exception cref="GraphRewriteException">Something is asked for, and the model is a folder of artifacts.</exception>
    public ForwardOptions For(string path, int seed)
    {
        if (Directory.Exists(path) && Given() is { } option)
        {
            throw new GraphRewriteException(
                $"{option}: {path} is a folder of artifacts, which has that inside; the option goes with a forward .onnx.");
        }
        var options = new ForwardOptions { Freeze = Freeze, Seed = seed, Length = Length, Sizes = Sizes.Count == 0 ? null : Bound };
        return options with
        {
            Loss = Loss.Loss ?? options.Loss,
            Outputs = Loss.Outputs,
            SharesLabels = Loss.SharesLabels,
            BatchNorm = BatchNorm ?? options.BatchNorm,
        };
    }

    /// <summary>The first option that was given; null for none.</summary>
    private string? Given() => Loss.Given() ?? (Freeze.Count > 0 ? "--freeze" : BatchNorm is not null ? "--bn"
        : Sizes.Count > 0 ? "--size" : Length is not null ? "--length" : null);

    /// <exception cref="GraphRewriteException">The model has no dimension of a name.</exception>
    private IReadOnlyDictionary<string, long> Bound(IReadOnlyList<Value> inputs)
    {
        HashSet<string> symbols = [.. inputs.SelectMany(input => input.Shape?.Select(dim => dim.Symbols) ?? []).OfType<string>()];
        if (Sizes.Keys.FirstOrDefault(name => !symbols.Contains(name)) is not { } unknown) return Sizes;
        string found = symbols.Count == 0 ? "it has none" : $"it has {string.Join(", ", symbols)}";
        throw new GraphRewriteException($"--size {unknown}={Sizes[unknown]}: the model's inputs have no symbolic dimension of that name; {found}.");
    }
}
