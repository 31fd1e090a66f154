using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.Losses;
using GraphRewrite.NormalForm;

namespace TrainingHost.Settings;

/// <summary>What to make of a forward model. Artifacts have all that inside.</summary>
internal sealed record ForwardChoice
{
    /// <summary>--loss; null: cross-entropy.</summary>
    public Loss? Loss { get; init; }

    /// <summary>--freeze: names or globs of parameters.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

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
        var options = new ForwardOptions { Freeze = Freeze, Seed = seed };
        return options with { Loss = Loss ?? options.Loss, BatchNorm = BatchNorm ?? options.BatchNorm };
    }

    /// <summary>The first option that was given; null for none.</summary>
    private string? Given() => Loss is not null ? "--loss" : Freeze.Count > 0 ? "--freeze" : BatchNorm is not null ? "--bn" : null;
}
