namespace TrainingHost.Reporting;

/// <summary>
/// Smoothed numbers of a run: loss and accuracy as means with weights 0.95ᵃ for the step a steps ago; examples a second and time left over the
/// last ten seconds or so (at least two steps).
/// </summary>
internal sealed class TrainingPace
{
    private const double Decay = 0.95;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(int Step, long Images, TimeSpan Elapsed)> recent = new();
    private double weight, lossSum, accuracySum;
    private long images;

    public StepReport? Last { get; private set; }

    public double Loss => lossSum / weight;

    /// <summary>Null where the last step had none.</summary>
    public double? Accuracy => Last?.Accuracy is null ? null : accuracySum / weight;

    public double? ImagesPerSecond { get; private set; }

    public TimeSpan? TimeLeft { get; private set; }

    public void Add(StepReport step)
    {
        Last = step;
        weight = (weight * Decay) + 1;
        lossSum = (lossSum * Decay) + step.Loss;
        accuracySum = (accuracySum * Decay) + (step.Accuracy ?? 0);
        images += step.Images;
        recent.Enqueue((step.Step, images, step.Elapsed));
        while (recent.Count > 2 && step.Elapsed - recent.Peek().Elapsed > Window) recent.Dequeue();

        (int firstStep, long firstImages, TimeSpan firstElapsed) = recent.Peek();
        double seconds = (step.Elapsed - firstElapsed).TotalSeconds;
        if (seconds <= 0) return;
        ImagesPerSecond = (images - firstImages) / seconds;
        TimeLeft = TimeSpan.FromSeconds(seconds / (step.Step - firstStep) * (step.TotalSteps - step.Step));
    }
}
