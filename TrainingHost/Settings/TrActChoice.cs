using GraphRewrite.Diagnostics;

namespace TrainingHost.Settings;

/// <summary>What the command line asks of TrAct.</summary>
internal sealed record TrActChoice : ISettings
{
    /// <summary>--no-tract.</summary>
    public bool Off { get; init; }

    /// <summary>--lambda; null: 0.1, or what rewritten artifacts hold.</summary>
    public double? Lambda { get; init; }

    /// <summary>--layer, repeated; empty: the first layer.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    public void Validate()
    {
        CheckLambda(Lambda);
        if (!Off) return;
        if (Lambda is { } lambda) throw new GraphRewriteException($"--no-tract: does not go with --lambda {lambda}, which is TrAct's.");
        if (Layers.Count > 0) throw new GraphRewriteException($"--no-tract: does not go with --layer {Layers[0]}, which says where TrAct goes.");
    }

    /// <exception cref="GraphRewriteException">λ is not positive and finite.</exception>
    public static void CheckLambda(double? lambda)
    {
        if (lambda is { } value && !(value > 0 && double.IsFinite(value)))
            throw new GraphRewriteException($"--lambda {value}: λ must be a positive finite number; 0.1 is the usual one.");
    }
}
