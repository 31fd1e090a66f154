namespace TrainingHost.Reporting;

/// <summary>Where a training loop tells how far it is.</summary>
internal interface ITrainingProgress
{
    void Step(StepReport step);

    void EpochDone(EpochReport epoch);

    /// <summary>A line of its own, above whatever is moving.</summary>
    void Say(string line);
}
