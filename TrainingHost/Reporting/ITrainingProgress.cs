namespace TrainingHost.Reporting;

/// <summary>What the time that is left is reckoned from.</summary>
/// <param name="StepsPerEpoch">Steps between two evaluations.</param>
/// <param name="HeldOut">Examples that each evaluation runs over; 0 where there is none.</param>
internal sealed record RunLength(int StepsPerEpoch, int HeldOut);

/// <summary>Where a training loop tells how far it is.</summary>
internal interface ITrainingProgress
{
    void Begin(RunLength length);

    void Step(StepReport step);

    /// <summary>How many examples of a set have been evaluated.</summary>
    void Evaluated(string set, int done, int all);

    void EpochDone(EpochReport epoch);

    /// <summary>A line of its own, above whatever is moving.</summary>
    void Say(string line);
}
