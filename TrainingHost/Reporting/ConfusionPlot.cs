using System.Globalization;
using ScottPlot;

namespace TrainingHost.Reporting;

/// <summary>A confusion matrix as a picture: a row a label, a column a prediction; dark where many examples of a label are.</summary>
internal static class ConfusionPlot
{
    private const int NumbersUpTo = 20, NamesUpTo = 40; // classes whose cells and names can still be read
    private const int Cell = 44, Margin = 180, Smallest = 420, Largest = 1600;

    /// <param name="names">Of the classes.</param>
    /// <param name="counts">[label, prediction].</param>
    /// <returns>PNG.</returns>
    public static byte[] Png(IReadOnlyList<string> names, Func<int, int, long> counts)
    {
        PlotFont.Use();
        int n = names.Count;
        var plot = new Plot();
        // The part of the label's examples, so that rare classes are seen as well; the first row on top.
        var parts = new double[n, n];
        for (int label = 0; label < n; label++)
        {
            double all = Math.Max(1, Enumerable.Range(0, n).Sum(p => counts(label, p)));
            for (int p = 0; p < n; p++) parts[label, p] = counts(label, p) / all;
        }
        ScottPlot.Plottables.Heatmap map = plot.Add.Heatmap(parts);
        map.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        map.ManualRange = new(0, 1);
        if (n <= NumbersUpTo)
        {
            for (int label = 0; label < n; label++)
            {
                for (int p = 0; p < n; p++)
                {
                    if (counts(label, p) == 0) continue;
                    ScottPlot.Plottables.Text text = plot.Add.Text(counts(label, p).ToString(CultureInfo.InvariantCulture), p, n - 1 - label);
                    text.LabelFontColor = parts[label, p] > 0.5 ? Colors.White : Colors.Black;
                    text.LabelAlignment = Alignment.MiddleCenter;
                }
            }
        }
        plot.XLabel("prediction");
        plot.YLabel("label");
        if (n <= NamesUpTo)
        {
            double[] at = [.. Enumerable.Range(0, n).Select(i => (double)i)];
            plot.Axes.Bottom.SetTicks(at, [.. names]);
            plot.Axes.Left.SetTicks([.. at.Reverse()], [.. names]);
            plot.Axes.Bottom.TickLabelStyle.Rotation = 60;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleLeft;
            plot.Axes.Bottom.MinimumSize = names.Max(name => name.Length) * 7;
        }
        plot.HideGrid();
        plot.Axes.SetLimits(-0.5, n - 0.5, -0.5, n - 0.5);
        int side = Math.Clamp((n * Cell) + Margin, Smallest, Largest);
        return plot.GetImage(side, side).GetImageBytes(ImageFormat.Png);
    }
}
