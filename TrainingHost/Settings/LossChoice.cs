using GraphRewrite.Forward;
using GraphRewrite.Losses;

namespace TrainingHost.Settings;

/// <summary>What a forward model is trained to do.</summary>
internal sealed record LossChoice
{
    /// <summary>--loss with its constants; null: the verb's own default.</summary>
    public Loss? Loss { get; init; }

    /// <summary>--predict, with a --loss each where several are given.</summary>
    public IReadOnlyList<TrainedOutput> Outputs { get; init; } = [];

    /// <summary>--shared-labels.</summary>
    public bool SharesLabels { get; init; }

    /// <summary>The first option that was given; null for none.</summary>
    public string? Given() => Loss is not null ? "--loss" : Outputs.Count > 0 ? "--predict" : SharesLabels ? "--shared-labels" : null;
}
