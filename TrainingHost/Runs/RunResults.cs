using System.Globalization;
using System.Text;
using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using ScottPlot;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>What a run leaves when its steps are done: models for inference, curves, a report.</summary>
internal sealed class RunResults(RunFolder folder, RunSettings settings, TrainableModel model, Preprocessing? preprocessing)
{
    private const int MostClasses = 40; // a table that can still be read

    /// <summary>Models, plots and report, all of them or none.</summary>
    /// <param name="tested">The weights that were tested.</param>
    /// <inheritdoc cref="WriteReport" path="/param"/>
    public void Write(RunWeights tested, RunHistory history, EndReport end, FinalScores scores, IEnumerable<string> describe)
    {
        using var files = AtomicFiles.In(folder.Root);
        // model.onnx of the weights that were tested; where those are not the last, model.last.onnx of the last ones.
        WriteModel(tested.Chosen, folder.Model, files);
        if (tested.Kind != WeightsKind.Last) WriteModel(new(folder.Last, isAveraged: false), folder.LastModel, files);
        WritePlots(history, files);
        WriteReport(history, end, scores, describe, files);
        files.Commit();
    }

    /// <summary>Each plot as PNG and SVG.</summary>
    private void WritePlots(RunHistory history, AtomicFiles files)
    {
        foreach ((string name, Plot plot) in new RunPlots(history).All())
        {
            byte[] png = plot.GetImage(RunPlots.Width, RunPlots.Height).GetImageBytes(ImageFormat.Png);
            files.Write(Path.Combine(folder.Plots, $"{name}.png"), file => file.Write(png));
            byte[] svg = Encoding.UTF8.GetBytes(RunPlots.Svg(name, plot));
            files.Write(Path.Combine(folder.Plots, $"{name}.svg"), file => file.Write(svg));
        }
    }

    /// <summary>report.html: one file that stands alone.</summary>
    /// <param name="history">The run.</param>
    /// <param name="end">What it came to.</param>
    /// <param name="scores">The last evaluation.</param>
    /// <param name="describe">What was done to model and data, in lines.</param>
    /// <param name="files">What it is written with.</param>
    private void WriteReport(RunHistory history, EndReport end, FinalScores scores, IEnumerable<string> describe, AtomicFiles files)
    {
        HtmlPage page = new HtmlPage(Path.GetFileName(Path.TrimEndingDirectorySeparator(settings.Model.Path)))
            .Paragraph(Result(history, end))
            .Preformatted(string.Join('\n', describe))
            .Section("Curves");
        foreach ((string name, Plot plot) in new RunPlots(history).All()) page.Drawing(RunPlots.Svg(name, plot));
        page.Section("Epochs").Numbers(
            ["epoch", "steps", "loss", "accuracy", "held-out loss", "held-out accuracy", "after"],
            history.Epochs.Select(epoch => (IReadOnlyList<(string, double)>)
            [
                ($"{epoch.Epoch}", 0), ($"{epoch.Step}", 0), (Number(epoch.Loss), 0), (Percent(epoch.Accuracy), 0),
                (Number(epoch.HeldOut?.Loss), 0), (Percent(epoch.HeldOut?.Accuracy), 0), (ProgressText.Time(epoch.Elapsed), 0),
            ]));
        if (scores.Scores is { Examples: > 0 } counts) WriteClasses(page, counts, scores);
        if (scores.Wrong.Count > 0) page.Section("Some that were taken for another").Pictures(scores.Wrong);
        if (scores.Right.Count > 0) page.Section("Some that were right").Pictures(scores.Right);
        page.Section("Settings").Pairs(settings.Options.Select(option => (option.Key, string.Join(' ', option.Value))))
            .Section("What follows from them").Pairs(settings.Resolved.Select(pair => (pair.Key, pair.Value)))
            .Section("Model, data, machine").Pairs(
            [
                ("model", settings.Model.Path), ("SHA-256", settings.Model.Sha256), ("data", settings.Data?.Name ?? ""),
                ("begun", settings.Place.Started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture)),
                ("step time", StepTime(history)), ("program", settings.Place.Program), ("ONNX Runtime", settings.Place.OnnxRuntime),
                ("runtime", settings.Place.Runtime), ("system", settings.Place.System), ("cores", $"{settings.Place.Cores}"),
            ]);
        files.Write(folder.Report, file => file.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    /// <summary>"Test accuracy 80.80 %, test loss 0.5124, after 5.7 s."</summary>
    public static string Result(RunHistory history, EndReport end)
    {
        string elapsed = string.Create(CultureInfo.InvariantCulture, $"after {end.Elapsed.TotalSeconds:F1} s");
        string of = history.Best is { } best ? $" (weights of epoch {best.Epoch}, the best on the validation set)" : "";
        return (end.Test ?? history.Epochs.LastOrDefault()?.HeldOut) switch
        {
            { } result => $"{Capital(result.Set)} " + (result.Accuracy is { } accuracy
                ? string.Create(CultureInfo.InvariantCulture, $"accuracy {accuracy:P2}, {result.Set} loss {result.Loss:F4}, {elapsed}{of}.")
                : string.Create(CultureInfo.InvariantCulture, $"loss {result.Loss:F4}, {elapsed}{of}.")),
            null => string.Create(CultureInfo.InvariantCulture, $"Training loss {history.Epochs.Last().Loss:F4}, {elapsed}."),
        };
    }

    /// <summary>A row a label, a column a prediction; shaded by the part of the label's examples.</summary>
    private static void WriteClasses(HtmlPage page, ClassificationScores counts, FinalScores scores)
    {
        int[] classes = [.. Enumerable.Range(0, counts.Classes)];
        if (classes.Length > MostClasses) return;
        page.Section("Which class was taken for which").Numbers(
            ["", .. classes.Select(c => scores.NameOf(c))],
            classes.Select(label =>
            {
                double all = Math.Max(1, classes.Sum(p => counts[label, p]));
                return (IReadOnlyList<(string, double)>)
                    [(scores.NameOf(label), 0), .. classes.Select(p => ($"{counts[label, p]}", counts[label, p] / all))];
            }));
    }

    private void WriteModel(ChosenWeights weights, string path, AtomicFiles files)
    {
        TrainingArtifacts trained = model.With(folder.Root, weights);
        Dictionary<string, Tensor> parameters = trained.Parameters.ToDictionary();
        Model inference = InferenceModel.From(trained.Evaluation, trained.Prediction, parameters.GetValueOrDefault, ownPrecision: true);
        OutputActivation activation = OutputActivations.InLoss(trained.Evaluation, trained.Prediction);
        DeployedModel.Write(inference, preprocessing, activation, new() { Output = path }, files);
    }

    /// <summary>The median of what a step took; the first of each process, which prepares what the others use, weighs no more than another.</summary>
    private static string StepTime(RunHistory history)
    {
        double[] seconds = [.. history.Steps.Zip(history.Steps.Skip(1), (one, next) => (next.Elapsed - one.Elapsed).TotalSeconds)];
        return seconds.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{1000 * Medians.Of(seconds):F1} ms (median)");
    }

    private static string Number(double? value) => value is { } number ? number.ToString("G4", CultureInfo.InvariantCulture) : "";

    private static string Percent(double? value) => value is { } part ? string.Create(CultureInfo.InvariantCulture, $"{100 * part:0.00} %") : "";

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
