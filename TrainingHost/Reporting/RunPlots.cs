using System.Text.RegularExpressions;
using ScottPlot;

namespace TrainingHost.Reporting;

/// <summary>The curves of a run: loss, accuracy and learning rate over the steps, those of the held-out set at the ends of epochs.</summary>
internal sealed partial class RunPlots(RunHistory history)
{
    public const int Width = 800, Height = 420;

    private const int Points = 1000; // more do not show
    private const double Decay = 0.95;

    private readonly StepReport[] steps = [.. history.Steps];

    /// <summary>Every plot with its name; accuracy is left out where there are no classes.</summary>
    public IEnumerable<(string Name, Plot Plot)> All()
    {
        yield return ("loss", Drawn(new("Loss", step => step.Loss, heldOut => heldOut.Loss, Alignment.UpperRight)));
        if (steps.Length > 0 && steps[0].Accuracy is not null)
        {
            yield return ("accuracy", Drawn(new(
                "Accuracy, %", step => 100 * step.Accuracy!.Value, heldOut => 100 * heldOut.Accuracy, Alignment.LowerRight)));
        }
        yield return ("learning_rate", LearningRate());
    }

    /// <summary>The drawing; Skia numbers its ids through the process, here they are the plot's own.</summary>
    public static string Svg(string name, Plot plot)
    {
        var ids = new Dictionary<string, string>();
        return Id().Replace(plot.GetSvgXml(Width, Height), match =>
        {
            if (!ids.TryGetValue(match.Groups["id"].Value, out string? id)) ids[match.Groups["id"].Value] = id = $"{name}-{ids.Count + 1}";
            return match.Groups["before"].Value + id;
        });
    }

    [GeneratedRegex("""(?<before>id="|\(#|href="#)(?<id>[A-Za-z0-9_]+)""")]
    private static partial Regex Id();

    private Plot Drawn(Curve curve)
    {
        Plot plot = New(curve.Title);
        double[] values = [.. steps.Select(curve.Training)];
        Line(plot, values, Colors.C0.WithAlpha(0.25), null);
        Line(plot, Smoothed(values), Colors.C0, "training, smoothed");
        EpochReport[] epochs = [.. history.Epochs.Where(epoch => epoch.HeldOut is { } heldOut && curve.HeldOut(heldOut) is not null)];
        if (epochs.Length > 0)
        {
            double[] at = [.. epochs.Select(epoch => (double)epoch.Step)];
            double[] results = [.. epochs.Select(epoch => curve.HeldOut(epoch.HeldOut!)!.Value)];
            var scatter = plot.Add.Scatter(at, results, Colors.C1);
            (scatter.LegendText, scatter.LineWidth, scatter.MarkerSize) = (epochs[0].HeldOut!.Set, 2, 7);
        }
        plot.ShowLegend(curve.Legend);
        return plot;
    }

    private Plot LearningRate()
    {
        Plot plot = New("Learning rate");
        Line(plot, [.. steps.Select(step => step.LearningRate)], Colors.C2, null);
        return plot;
    }

    private static Plot New(string title)
    {
        PlotFont.Use();
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel("step");
        return plot;
    }

    private void Line(Plot plot, double[] values, Color color, string? legend)
    {
        if (steps.Length == 0) return;
        int stride = Math.Max(1, steps.Length / Points);
        int[] shown = [.. Enumerable.Range(0, steps.Length).Where(i => i % stride == 0 || i == steps.Length - 1)];
        double[] at = [.. shown.Select(i => (double)steps[i].Step)], drawn = [.. shown.Select(i => values[i])];
        var line = plot.Add.ScatterLine(at, drawn, color);
        (line.LineWidth, line.LegendText) = (legend is null ? 1 : 2, legend ?? "");
    }

    /// <summary>Means with weights 0.95ᵃ for the step a steps ago.</summary>
    private static double[] Smoothed(double[] values)
    {
        double weight = 0, sum = 0;
        return [.. values.Select(value => (sum = (sum * Decay) + value) / (weight = (weight * Decay) + 1))];
    }

    /// <summary>What is drawn of a run, and where its legend is out of the way.</summary>
    private sealed record Curve(string Title, Func<StepReport, double> Training, Func<HeldOutReport, double?> HeldOut, Alignment Legend);
}
