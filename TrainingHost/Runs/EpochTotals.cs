using TrainingHost.Reporting;

namespace TrainingHost.Runs;

/// <summary>Means over the examples of an epoch, or of a step's batches.</summary>
internal sealed class EpochTotals
{
    private double loss;
    private double correct;
    private int images;
    private bool classes = true;
    private StepReport? last;

    public double Loss => loss / images;

    public double? Accuracy => classes ? correct / images : null;

    /// <summary>The part of an epoch that a resumed run has behind it.</summary>
    public static EpochTotals Of(IEnumerable<StepReport> steps)
    {
        var totals = new EpochTotals();
        foreach (StepReport step in steps) totals.Add(step);
        return totals;
    }

    /// <summary>One report for all of them.</summary>
    public StepReport Report() => last! with { Loss = Loss, Accuracy = Accuracy, Images = images };

    public void Add(StepReport step)
    {
        loss += step.Loss * step.Images;
        correct += (step.Accuracy ?? 0) * step.Images;
        classes &= step.Accuracy is not null;
        images += step.Images;
        last = step;
    }
}
