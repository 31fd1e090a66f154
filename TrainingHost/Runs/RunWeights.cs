using System.Globalization;
using System.Text.Json.Serialization;
using GraphRewrite.Diagnostics;
using TrainingHost.Models;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>
/// The weights of a run that a verb takes: unless asked for others, those that the run's own test takes. With a validation set these are the best on
/// it, else the last. In a run with --ema both are moving averages, and --weights last means the last weights themselves.
/// </summary>
/// <param name="Kind">Which.</param>
/// <param name="Step">The step that they are of, from 1 at the run's first.</param>
/// <param name="Chosen">Where they are.</param>
internal sealed record RunWeights(WeightsKind Kind, long Step, [property: JsonIgnore] ChosenWeights Chosen)
{
    /// <summary>The option of train that keeps averages, as settings have it.</summary>
    private const string Averages = "ema";

    /// <summary>Whether they are moving averages.</summary>
    public bool Averaged => Chosen.IsAveraged;

    /// <param name="path">What a verb was given for a model.</param>
    /// <param name="asked">--weights; null where it is not given.</param>
    /// <returns>Null where it is no run: then there is nothing to choose.</returns>
    /// <exception cref="GraphRewriteException">There are no such weights.</exception>
    public static RunWeights? Of(string path, WeightsKind? asked)
    {
        var folder = new RunFolder(path);
        if (!folder.HoldsRun)
        {
            return asked is not { } one ? null
                : throw new GraphRewriteException($"{Option(one)}: {path} is no run of train, and has one set of weights. Leave --weights out.");
        }
        if (!File.Exists(folder.Last)) return null; // the reader says what is missing
        RunSettings settings = RunSettings.Read(folder.Settings);
        bool hasBest = File.Exists(folder.Best), averages = settings.Options.ContainsKey(Averages);
        WeightsKind kind = asked ?? (hasBest ? WeightsKind.Best : averages ? WeightsKind.Ema : WeightsKind.Last);
        if (kind == WeightsKind.Best && !hasBest)
        {
            throw new GraphRewriteException(
                $"{Option(kind)}: the run in {path} has no best weights: nothing was held out for validation, or no epoch is behind it. "
                + $"Take {Option(WeightsKind.Last)}.");
        }
        if (kind == WeightsKind.Ema && !averages)
            throw new GraphRewriteException($"{Option(kind)}: the run in {path} was trained without --ema. Take {Option(WeightsKind.Last)}.");
        var chosen = new ChosenWeights(kind == WeightsKind.Best ? folder.Best : folder.Last, averages && kind != WeightsKind.Last);
        return new(kind, chosen.Step - settings.StepsBefore, chosen);
    }

    /// <summary>"Weights: best on the validation set, of step 280."</summary>
    public override string ToString()
    {
        string which = Kind == WeightsKind.Best ? $"best on the validation set{(Averaged ? ", averaged" : "")}" : Averaged ? "averaged" : "last";
        return string.Create(CultureInfo.InvariantCulture, $"Weights: {which}, of step {Step:N0}.");
    }

    private static string Option(WeightsKind kind) => $"--weights {kind}".ToLowerInvariant();
}
