using System.Diagnostics;
using System.Globalization;

namespace TrainingHost.Reporting;

/// <summary>
/// Lines for a file or a pipe: the first step at once, then one every two seconds at most, the last step, and each end of an epoch.
/// </summary>
internal sealed class PlainProgress(TextWriter output) : ITrainingProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Stopwatch sinceLine = Stopwatch.StartNew();
    private TrainingPace pace = new(new(1, 0));
    private TimeSpan? lastLine;

    public void Begin(RunLength length) => pace = new(length);

    public void Step(StepReport step)
    {
        pace.Add(step);
        if (lastLine is { } last && step.Elapsed - last < Interval && step.Step < step.TotalSteps) return;
        lastLine = step.Elapsed;
        Say($"step {step.Step}/{step.TotalSteps}, epoch {step.Epoch}, {ProgressText.Of(pace)}");
    }

    public void Evaluated(string set, int done, int all)
    {
        if (sinceLine.Elapsed >= Interval) Say(string.Create(CultureInfo.InvariantCulture, $"{set} {done:N0}/{all:N0}"));
    }

    public void EpochDone(EpochReport epoch)
    {
        Say(ProgressText.Of(epoch, pace.Length));
        pace.Add(epoch);
    }

    public void Say(string line)
    {
        output.WriteLine(line);
        // Whoever follows the file sees it now, not when a buffer is full.
        output.Flush();
        sinceLine.Restart();
    }
}
