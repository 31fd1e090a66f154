using Spectre.Console;

namespace TrainingHost.Reporting;

/// <summary>A moving bar with the run's numbers beside it; ends of epochs stay as lines above it.</summary>
internal sealed class LiveProgress(IAnsiConsole console, ProgressTask task) : ITrainingProgress
{
    private readonly TrainingPace pace = new();

    public void Step(StepReport step)
    {
        pace.Add(step);
        task.MaxValue = step.TotalSteps;
        task.Value = step.Step;
        task.Description = Markup.Escape($"epoch {step.Epoch}, {step.Step}/{step.TotalSteps}, {ProgressText.Of(pace)}");
    }

    public void EpochDone(EpochReport epoch) => Say(ProgressText.Of(epoch));

    public void Say(string line) => console.WriteLine(line);
}
