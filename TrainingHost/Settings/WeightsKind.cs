namespace TrainingHost.Settings;

/// <summary>--weights: which weights of a run are meant.</summary>
internal enum WeightsKind
{
    /// <summary>Those of the epoch that was the best on the validation set.</summary>
    Best,

    /// <summary>Those of the last checkpoint.</summary>
    Last,

    /// <summary>The moving average of the last checkpoint.</summary>
    Ema,
}
