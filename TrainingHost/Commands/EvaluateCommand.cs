using System.CommandLine;
using System.Globalization;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>evaluate: how good a trained model is, class by class, and whether it is as sure as it is right.</summary>
internal static class EvaluateCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new ModelArgument("A run's folder, a folder of training artifacts, a forward .onnx, or the name of one in models/.");
        var data = new DataOptions();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples at once.", HelpName = "count", DefaultValueFactory = _ => 64 };
        var folder = new Option<string?>("--output", "-o")
        {
            Description = "A folder for confusion.csv and .png, classes.csv, reliability.csv and evaluation.json.",
            HelpName = "path",
        };
        Option<WeightsKind?> weights = CommonOptions.Weights();
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("evaluate", "Says how good a trained model is: top-1, top-5, loss, classes, confusion, calibration.")
        {
            Examples =
            [
                new("evaluate runs/lenet", "On the test examples, or those that the run has held out."),
                new("evaluate runs/lenet -o evaluation --json", "With a picture of the confusion matrix, and tables."),
            ],
        };
        model.AddTo(command);
        data.AddForTestTo(command);
        command.Add(DataOptions.Heading, batchSize);
        command.Add(CommonOptions.OutputHeading, folder, weights, CommonSwitches.Json());
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        EvaluateSettings Bind(ParseResult given)
        {
            string path = model.Bind(given);
            var run = new RunFolder(path);
            RunSettings? stored = run.HoldsRun ? RunSettings.Read(run.Settings) : null;
            bool isOwn = stored is not null && IsOn(given, stored);
            ParseResult parsed = !isOwn ? given
                : StoredOptions.Complete(given, stored!.Options, run.Settings, [.. stored.Options.Keys.Except(DataOptions.OfData.Append("seed"))]);
            return new()
            {
                Model = path,
                Output = parsed.GetValue(folder),
                IsRun = stored is not null,
                Own = isOwn ? new(Number(stored!.Options, "seed", int.Parse) ?? parsed.GetValue(seed), stored.Data?.Fingerprint) : null,
                Weights = parsed.GetValue(weights),
                Data = isOwn ? data.BindForTest(parsed, Number(stored!.Options, "validation", double.Parse)) : data.BindForTest(parsed),
                BatchSize = parsed.GetValue(batchSize),
                Seed = parsed.GetValue(seed),
                Forward = forward.Bind(parsed),
                Device = device.Bind(parsed),
            };
        }
    }

    /// <summary>Whether the examples are the run's own: no other are given.</summary>
    private static bool IsOn(ParseResult given, RunSettings run) =>
        !StoredOptions.Differences(given, run.Options).Any(difference => DataOptions.OfExamples.Contains(difference.Option.Name));

    /// <summary>What a run was given; null where it was not.</summary>
    private static T? Number<T>(OrderedDictionary<string, string[]> stored, string option, Func<string, IFormatProvider, T> parse)
        where T : struct => stored.GetValueOrDefault(option) is [string text, ..] ? parse(text, CultureInfo.InvariantCulture) : null;

    private static int Run(EvaluateSettings settings, VerbOutput output)
    {
        Evaluation evaluation = new EvaluationJob(settings, output).Run();
        output.Json(() => evaluation);
        Print(evaluation, output);
        if (settings.Output is { } folder)
            output.Result($"Written to {folder}: {string.Join(", ", EvaluationJob.Write(evaluation, folder))}.");
        return CommandLine.Done;
    }

    private static void Print(Evaluation evaluation, VerbOutput output)
    {
        string examples = evaluation.Set == EvaluatedSet.All ? "examples" : $"{evaluation.Set} examples".ToLowerInvariant();
        string weights = evaluation.Weights is { } taken ? $" {taken}" : "";
        output.Result(Invariant($"{evaluation.Model} on {evaluation.Data}: {evaluation.Examples:N0} {examples}.{weights}"));
        output.Result(Invariant($"loss {evaluation.Loss:F4}"));
        if (evaluation is not { Top1: { } top1, Classes: { } classes, Reliability: { } reliability }) return;
        string top5 = evaluation.Top5 is { } part ? Invariant($", top-5 {part:P2}") : "";
        output.Result(Invariant($"top-1 {top1:P2}{top5}"));
        output.Result(Invariant($"expected calibration error {evaluation.ExpectedCalibrationError:P2}"));
        output.Note("");
        output.Note("| class | examples | recall | precision | F1 |");
        output.Note("| --- | ---: | ---: | ---: | ---: |");
        foreach (ClassScore c in classes) output.Note(Invariant($"| {c.Name} | {c.Examples} | {c.Recall:P1} | {c.Precision:P1} | {c.F1:P1} |"));
        output.Note("");
        output.Note("| confidence | examples | mean confidence | accuracy |");
        output.Note("| --- | ---: | ---: | ---: |");
        foreach (ReliabilityBin bin in reliability.Where(bin => bin.Examples > 0))
            output.Note(Invariant($"| {bin.From:F2} to {bin.To:F2} | {bin.Examples} | {bin.Confidence:P1} | {bin.Accuracy:P1} |"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
