namespace TrainingHost.Reporting;

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
    int Step, int TotalSteps, int Epoch, double Loss, double? Accuracy, double LearningRate, int Images, TimeSpan Elapsed);

/// <summary>What the end of an epoch tells; the test's numbers are null where there was no test.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">Mean training loss.</param>
/// <param name="Accuracy">Mean training accuracy, 0 to 1.</param>
/// <param name="TestLoss">Loss on the test set.</param>
/// <param name="TestAccuracy">Accuracy on the test set, 0 to 1.</param>
/// <param name="Elapsed">Since the run began.</param>
internal sealed record EpochReport(int Epoch, double Loss, double? Accuracy, double? TestLoss, double? TestAccuracy, TimeSpan Elapsed);
