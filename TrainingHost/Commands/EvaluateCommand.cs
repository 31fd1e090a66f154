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
        Option<int> seed = CommonOptions.Seed();
        var device = new DeviceOptions();
        var forward = new ForwardModelOptions();
        var command = new VerbCommand("evaluate", "Says how good a trained model is: top-1, top-5, loss, classes, confusion, calibration.")
        {
            Examples =
            [
                new("evaluate runs/lenet", "On the test examples."),
                new("evaluate runs/lenet -o evaluation --json", "With a picture of the confusion matrix, and tables."),
            ],
        };
        model.AddTo(command);
        data.AddForTestTo(command);
        command.Add(DataOptions.Heading, batchSize);
        command.Add(CommonOptions.OutputHeading, folder, CommonSwitches.Json());
        forward.AddTo(command);
        command.Add(CommonOptions.RandomHeading, seed);
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        EvaluateSettings Bind(ParseResult given)
        {
            string path = model.Bind(given);
            ParseResult parsed = OnItsData(given, path);
            return new()
            {
                Model = path,
                Output = parsed.GetValue(folder),
                Data = data.BindForTest(parsed),
                BatchSize = parsed.GetValue(batchSize),
                Seed = parsed.GetValue(seed),
                Forward = forward.Bind(parsed),
                Device = device.Bind(parsed),
            };
        }
    }

    /// <summary>A run is evaluated on the data that it was trained with, where no other is given.</summary>
    private static ParseResult OnItsData(ParseResult given, string model)
    {
        var run = new RunFolder(model);
        if (!run.HoldsRun || given.GetResult("--data") is System.CommandLine.Parsing.OptionResult { Implicit: false }) return given;
        OrderedDictionary<string, string[]> stored = RunSettings.Read(run.Settings).Options;
        string[] leftOut = [.. stored.Keys.Where(key => !DataOptions.OfData.Contains(key) && key != "seed")];
        return StoredOptions.Complete(given, stored, run.Settings, leftOut);
    }

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
        output.Result(Invariant($"{evaluation.Model} on {evaluation.Data}: {evaluation.Examples:N0} examples."));
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
