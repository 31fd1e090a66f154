using GraphRewrite.Diagnostics;
using GraphRewrite.Optimizers;

namespace TrainingHost.Settings;

/// <summary>The optimizer: that of the artifacts, changed by what the command line gives. Null is what is not given.</summary>
internal sealed record OptimizerChoice : ISettings
{
    /// <summary>--optimizer, with the constants that it has where the artifacts have another one.</summary>
    public OptimizerSettings? Optimizer { get; init; }

    /// <summary>--lr.</summary>
    public double? Rate { get; init; }

    /// <summary>--momentum, of SGD.</summary>
    public double? Momentum { get; init; }

    /// <summary>--weight-decay.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>--decay: whether it leaves vectors and scalars alone.</summary>
    public bool? DecayMatricesOnly { get; init; }

    /// <summary>--clip-norm.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>--epsilon, of AdamW.</summary>
    public double? Epsilon { get; init; }

    /// <summary>--adam-mode.</summary>
    public AdamMode? Mode { get; init; }

    public void Validate()
    {
        Ranges.NotNegative("--weight-decay", WeightDecay);
        Ranges.NotNegative("--clip-norm", ClipNorm);
        if (ClipNorm is 0) throw new GraphRewriteException("--clip-norm 0: must be above 0.");
        Ranges.BelowOne("--momentum", Momentum);
        Ranges.NotNegative("--epsilon", Epsilon);
        Ranges.NotNegative("--lr", Rate);
    }

    /// <param name="own">The optimizer of the artifacts.</param>
    /// <exception cref="GraphRewriteException">A constant is given that the optimizer does not have.</exception>
    public (OptimizerSettings Settings, float Rate) Over(OptimizerSettings own)
    {
        OptimizerSettings chosen = Optimizer is { } other && other.Name != own.Name ? other : own;
        RefuseForeign(chosen);
        OptimizerSettings settings = chosen switch
        {
            SgdSettings sgd => sgd with { Momentum = Momentum ?? sgd.Momentum },
            AdamWSettings adamW => adamW with { Epsilon = Epsilon ?? adamW.Epsilon, Mode = Mode ?? adamW.Mode },
            _ => chosen,
        };
        settings = settings with
        {
            WeightDecay = WeightDecay ?? settings.WeightDecay,
            DecayMatricesOnly = DecayMatricesOnly ?? settings.DecayMatricesOnly,
            ClipNorm = ClipNorm,
        };
        return (settings, (float)(Rate ?? (settings is SgdSettings ? 0.01 : 0.001)));
    }

    private void RefuseForeign(OptimizerSettings chosen)
    {
        string? foreign = chosen switch
        {
            SgdSettings => Epsilon is not null ? "--epsilon" : Mode is not null ? "--adam-mode" : null,
            AdamWSettings => Momentum is not null ? "--momentum" : null,
            _ => null,
        };
        if (foreign is not null) throw new GraphRewriteException($"{foreign}: {chosen.Name} has no such constant.");
    }
}
