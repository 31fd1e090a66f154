using System.Text.Json.Serialization;

namespace TrainingHost.Reporting;

/// <summary>What a run tells, as it goes: a row each in its metrics.</summary>
/// <param name="Step">Steps that were done then.</param>
/// <param name="Elapsed">Of the run, without pauses between its processes.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(StepReport), "step")]
[JsonDerivedType(typeof(EpochReport), "epoch")]
[JsonDerivedType(typeof(EndReport), "end")]
internal abstract record RunReport(int Step, [property: JsonPropertyName("seconds")] TimeSpan Elapsed);

/// <summary>What one step of training tells.</summary>
/// <param name="Step">Which step it was, from 1.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Epoch">Its epoch, from 1.</param>
/// <param name="Loss">The batch's loss.</param>
/// <param name="Accuracy">The part of the batch that was classified right, 0 to 1; null where there are no classes.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="Images">Examples in the batch.</param>
/// <param name="Elapsed">Since the run began.</param>
internal sealed record StepReport(
    int Step,
    [property: JsonIgnore] int TotalSteps,
    int Epoch,
    double Loss,
    double? Accuracy,
    double LearningRate,
    [property: JsonPropertyName("examples")] int Images,
    TimeSpan Elapsed) : RunReport(Step, Elapsed);

/// <summary>Loss and accuracy on examples that are not trained on.</summary>
/// <param name="Set">Which: <see cref="Validation"/> or <see cref="Test"/>.</param>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">0 to 1; null where there are no classes.</param>
internal sealed record HeldOutReport(string Set, double Loss, double? Accuracy)
{
    public const string Validation = "validation";
    public const string Test = "test";

    /// <summary>Whether this is the better result: by accuracy where there are classes, else, and between equals, by the loss.</summary>
    public bool IsBetterThan(HeldOutReport other) =>
        Accuracy is { } mine && other.Accuracy is { } theirs && mine != theirs ? mine > theirs : Loss < other.Loss;
}

/// <summary>What the end of an epoch tells, or of the steps that were asked for in the midst of one.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps that were done then.</param>
/// <param name="Loss">Mean training loss of the epoch.</param>
/// <param name="Accuracy">Mean training accuracy, 0 to 1.</param>
/// <param name="HeldOut">Null where nothing is held out.</param>
/// <param name="Elapsed">Since the run began.</param>
internal sealed record EpochReport(int Epoch, int Step, double Loss, double? Accuracy, HeldOutReport? HeldOut, TimeSpan Elapsed)
    : RunReport(Step, Elapsed);

/// <summary>The run is complete: all its files are written.</summary>
/// <param name="Step">Steps in all.</param>
/// <param name="WeightsOf">The step whose weights were tested: the best on the validation set, or the last.</param>
/// <param name="Test">Null where there is no test set.</param>
/// <param name="Elapsed">Since the run began.</param>
internal sealed record EndReport(int Step, int WeightsOf, HeldOutReport? Test, TimeSpan Elapsed) : RunReport(Step, Elapsed);
