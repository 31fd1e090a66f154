using System.Globalization;
using Spectre.Console;

namespace TrainingHost.Reporting;

/// <summary>A moving bar with the run's numbers beside it; ends of epochs stay as lines above it.</summary>
internal sealed class LiveProgress(IAnsiConsole console, ProgressTask task) : ITrainingProgress
{
    private TrainingPace pace = new(new(1, 0));

    public void Begin(RunLength length) => pace = new(length);

    public void Step(StepReport step)
    {
        pace.Add(step);
        task.MaxValue = step.TotalSteps;
        task.Value = step.Step;
        Show($"epoch {step.Epoch}, {step.Step}/{step.TotalSteps}, {ProgressText.Of(pace)}");
    }

    public void Evaluated(string set, int done, int all) => Show(string.Create(CultureInfo.InvariantCulture, $"{set} {done:N0}/{all:N0}"));

    public void EpochDone(EpochReport epoch)
    {
        Say(ProgressText.Of(epoch, pace.Length));
        pace.Add(epoch);
    }

    public void Say(string line) => console.WriteLine(line);

    /// <summary>A line that wraps leaves rests of itself behind.</summary>
    private void Show(string line)
    {
        int room = Math.Max(console.Profile.Width - ConsoleProgress.BarWidth - 2, 8);
        task.Description = Markup.Escape(line.Length <= room ? line : line[..(room - 1)] + "…");
    }
}
