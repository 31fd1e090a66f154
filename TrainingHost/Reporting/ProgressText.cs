using System.Globalization;

namespace TrainingHost.Reporting;

/// <summary>The words of progress, the same on a terminal and in a file.</summary>
internal static class ProgressText
{
    /// <summary>"loss 0.5123, accuracy 81.2 %, 5120 images/s, 0:42 left", as far as it is known.</summary>
    public static string Of(TrainingPace pace) => Join(
        Loss("loss", pace.Loss),
        Percent("accuracy", pace.Accuracy),
        pace.ImagesPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0} images/s") : null,
        pace.TimeLeft is { } left ? $"{Time(left)} left" : null);

    /// <summary>"epoch 2 done: loss 0.41, accuracy 85.0 %, validation loss 0.45, validation accuracy 83.9 %, 0:21 elapsed".</summary>
    public static string Of(EpochReport epoch, RunLength length)
    {
        int part = epoch.Step % length.StepsPerEpoch;
        return (part == 0 ? $"epoch {epoch.Epoch} done: " : $"epoch {epoch.Epoch}, {part} of {length.StepsPerEpoch} steps: ") + Join(
            Loss("loss", epoch.Loss),
            Percent("accuracy", epoch.Accuracy),
            Loss($"{epoch.HeldOut?.Set} loss", epoch.HeldOut?.Loss),
            Percent($"{epoch.HeldOut?.Set} accuracy", epoch.HeldOut?.Accuracy),
            $"{Time(epoch.Elapsed)} elapsed");
    }

    public static string Time(TimeSpan time) =>
        time.TotalHours >= 1 ? $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}" : $"{time.Minutes}:{time.Seconds:00}";

    private static string? Loss(string name, double? value) =>
        value is { } loss ? string.Create(CultureInfo.InvariantCulture, $"{name} {loss:G4}") : null;

    private static string? Percent(string name, double? value) =>
        value is { } part ? string.Create(CultureInfo.InvariantCulture, $"{name} {100 * part:0.0} %") : null;

    private static string Join(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));
}
