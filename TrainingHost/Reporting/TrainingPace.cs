namespace TrainingHost.Reporting;

/// <summary>
/// Smoothed numbers of a run: loss and accuracy as means with weights 0.95ᵃ for the step a steps ago; examples a second and time left over the
/// last ten seconds or so (at least two steps), evaluations not counted among the steps. They take what the last one took; before the first, a
/// third of what as many examples take to train on, for they have the forward pass alone.
/// </summary>
internal sealed class TrainingPace(RunLength length)
{
    private const double EvaluationShare = 1 / 3.0;
    private const double Decay = 0.95;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(int Step, long Images, TimeSpan Elapsed)> recent = new();
    private double weight, lossSum, accuracySum;
    private long images;
    private double? evaluationSeconds;

    public RunLength Length { get; } = length;

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
        double evaluation = Length.HeldOut == 0 ? 0 : evaluationSeconds ?? (EvaluationShare * Length.HeldOut / ImagesPerSecond.Value);
        int evaluations = ((step.TotalSteps - 1) / Length.StepsPerEpoch) - ((step.Step - 1) / Length.StepsPerEpoch) + 1;
        TimeLeft = TimeSpan.FromSeconds((seconds / (step.Step - firstStep) * (step.TotalSteps - step.Step)) + (evaluations * evaluation));
    }

    /// <summary>The evaluation at an epoch's end is done.</summary>
    public void Add(EpochReport epoch)
    {
        if (Last is { } step) evaluationSeconds = (epoch.Elapsed - step.Elapsed).TotalSeconds;
        recent.Clear();
    }
}
