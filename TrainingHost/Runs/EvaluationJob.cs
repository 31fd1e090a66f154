using System.Globalization;
using System.Text;
using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Serialization;
using TrainingHost.Data;
using TrainingHost.Data.Sources;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>What the examples are to the model.</summary>
internal enum EvaluatedSet
{
    /// <summary>The test part of the data.</summary>
    Test,

    /// <summary>Held out of training: they chose the best weights.</summary>
    Validation,

    /// <summary>Those that it is, or is to be, trained on.</summary>
    Training,

    /// <summary>All that there are: random ones, or data that a run has not seen.</summary>
    All,
}

/// <summary>How good a model is on a set of examples.</summary>
internal sealed record Evaluation
{
    public required string Model { get; init; }

    /// <summary>Where the examples are.</summary>
    public required string Data { get; init; }

    public required EvaluatedSet Set { get; init; }

    /// <summary>Null where the model is no run.</summary>
    public RunWeights? Weights { get; init; }

    public required long Examples { get; init; }

    public required double Loss { get; init; }

    /// <summary>Null where the labels are no classes; so is all that follows.</summary>
    public double? Top1 { get; init; }

    /// <summary>Null where there are no more than five classes, too.</summary>
    public double? Top5 { get; init; }

    public double? ExpectedCalibrationError { get; init; }

    public IReadOnlyList<ClassScore>? Classes { get; init; }

    /// <summary>A row a label, a column a prediction.</summary>
    public IReadOnlyList<IReadOnlyList<long>>? Confusion { get; init; }

    public IReadOnlyList<ReliabilityBin>? Reliability { get; init; }
}

/// <summary>One run of evaluate: the evaluation model over a set of examples, and what it says of classes.</summary>
internal sealed class EvaluationJob(EvaluateSettings settings, VerbOutput output)
{
    private const string ConfusionTable = "confusion.csv", ConfusionPicture = "confusion.png", ClassTable = "classes.csv",
        ReliabilityTable = "reliability.csv", Summary = "evaluation.json";

    /// <exception cref="GraphRewriteException">Model and data do not go together.</exception>
    public Evaluation Run()
    {
        Device device = ChosenDevice.Open(settings.Device);
        var weights = RunWeights.Of(settings.Model, settings.Weights);
        var model = TrainableModel.Open(settings.Model, settings.Forward.For(settings.Model, settings.Seed), weights?.Chosen);
        foreach (Finding warning in model.Warnings) output.Warn(OptionNames.Describe(warning));
        bool isSynthetic = settings.Data.Data == DataSource.Synthetic;
        int seed = isSynthetic ? settings.Seed : settings.Own?.Seed ?? settings.Seed;
        // Statistics and classes are those that it was trained with.
        var data = ModelData.Open(settings.Data, model, seed, DeployedModel.PreprocessingOf(settings.Model), output.Note);
        foreach (string note in data.Notes) output.Note(note);
        (IDataset examples, EvaluatedSet set) = (data.Test, data.Validation) switch
        {
            ({ } test, _) => (test, EvaluatedSet.Test),
            (_, { } validation) => (validation, EvaluatedSet.Validation),
            _ => (data.Training, isSynthetic || (settings.IsRun && settings.Own is null) ? EvaluatedSet.All : EvaluatedSet.Training),
        };
        if (set == EvaluatedSet.Validation && settings.Own?.Fingerprint is { } known && known != data.Fingerprint)
            output.Warn($"{data.Training.Name}: is no longer as the run has had it; some of these may be among those that it was trained on");
        if (set == EvaluatedSet.Training)
            output.Warn($"{data.Training.Name}: has neither test nor validation examples; these are training examples");
        var batch = ChosenBatch.Of(model, settings.BatchSize);
        if (batch.Fixed is not null)
            foreach (string note in batch.Notes(examples)) output.Note(note);
        return Over(model, examples, batch, data.ClassNames, device) with { Set = set, Weights = weights };
    }

    /// <summary>confusion.csv and .png, classes.csv, reliability.csv, evaluation.json.</summary>
    /// <returns>The files' names.</returns>
    public static IReadOnlyList<string> Write(Evaluation evaluation, string folder)
    {
        var written = new List<string>();
        using var files = AtomicFiles.In(folder);
        if (evaluation is { Classes: { } classes, Confusion: { } confusion, Reliability: { } reliability })
        {
            string[] names = [.. classes.Select(score => score.Name)];
            Csv(ConfusionTable, ["label", .. names],
                confusion.Select((row, label) => (object?[])[names[label], .. row.Select(count => (object?)count)]));
            Put(ConfusionPicture, ConfusionPlot.Png(names, (label, prediction) => confusion[label][prediction]));
            Csv(ClassTable, ["class", "examples", "predicted", "recall", "precision", "f1"],
                classes.Select(c => (object?[])[c.Name, c.Examples, c.Predicted, c.Recall, c.Precision, c.F1]));
            Csv(ReliabilityTable, ["from", "to", "examples", "confidence", "accuracy"],
                reliability.Select(bin => (object?[])[bin.From, bin.To, bin.Examples, bin.Confidence, bin.Accuracy]));
        }
        Put(Summary, Encoding.UTF8.GetBytes(JsonText.Of(evaluation) + "\n"));
        files.Commit();
        return written;

        void Csv(string file, string[] head, IEnumerable<object?[]> rows) => Put(file, Encoding.UTF8.GetBytes(string.Join('\n',
            [string.Join(',', head.Select(Cell)), .. rows.Select(row => string.Join(',', row.Select(Cell))), ""])));

        void Put(string file, byte[] bytes)
        {
            files.Write(Path.Combine(folder, file), stream => stream.Write(bytes));
            written.Add(file);
        }
    }

    private Evaluation Over(TrainableModel model, IDataset examples, ChosenBatch size, IReadOnlyList<string>? classNames, Device device)
    {
        bool areClasses = examples.Labels is { Type: ElementType.Int64, Length: 1 };
        ClassificationScores? scores = areClasses && model.Classes is { } classes ? new((int)classes) : null;
        int workers = settings.Data.Workers ?? Environment.ProcessorCount, evaluated = 0;
        using var evaluator = new Evaluator(
            model, [.. model.BatchInputs.Select(input => input.Name)], HeldOutReport.Test, new(examples, size.Evaluation(workers)), device);
        HeldOutReport result = evaluator.Score(name => model.Initial[name], (batch, logits, done) =>
        {
            scores?.Add(batch, logits);
            evaluated = done;
            output.Detail(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {examples.Count:N0} examples"));
        });
        if (scores?.Examples == 0) scores = null; // one prediction a place, not an example
        return new()
        {
            Model = settings.Model,
            Data = examples.Name,
            Set = EvaluatedSet.All,
            Examples = evaluated,
            Loss = result.Loss,
            Top1 = scores?.Top1,
            Top5 = scores?.Top5,
            ExpectedCalibrationError = scores?.Calibration.ExpectedError(),
            Classes = scores?.PerClass(classNames),
            Confusion = scores is null ? null : Rows(scores, (int)model.Classes!),
            Reliability = scores?.Calibration.Table(),
        };
    }

    private static long[][] Rows(ClassificationScores scores, int classes) =>
        [.. Enumerable.Range(0, classes).Select(label => Enumerable.Range(0, classes).Select(p => scores[label, p]).ToArray())];

    /// <summary>RFC 4180.</summary>
    private static string Cell(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
