using System.CommandLine;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>predict: image files, tables, folders of them or standard input → classes and probabilities, or numbers.</summary>
internal static class PredictCommand
{
    public static Command Create(VerbOutput output)
    {
        var model = new Argument<string>("MODEL") { Description = "A run's folder, or a model that export wrote." };
        model.CompletionSources.Add(_ => ModelPath.Known());
        var inputs = new Argument<string[]>("INPUTS")
        {
            Description = "Image files (PNG, JPEG, BMP, WebP, GIF), or, for a model of tables, CSV, TSV or Parquet files with its columns; "
                + "folders of them; - for an image, or CSV, on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var top = new Option<int>("--top") { Description = "Classes to name for each example.", HelpName = "count", DefaultValueFactory = _ => 1 };
        Option<WeightsKind?> weights = CommonOptions.Weights();
        var batchSize = new Option<int>("--batch-size") { Description = "Examples at once.", HelpName = "count", DefaultValueFactory = _ => 32 };
        var device = new DeviceOptions();
        var command = new VerbCommand("predict", "Says what images show, or what follows from the rows of a table, by a trained model.")
        {
            Examples =
            [
                new("predict runs/flowers/001 rose.jpg", "The class and its probability."),
                new("predict flowers.onnx photos --top 3 --json", "Three classes for each image of a folder, as JSON."),
                new("predict flowers.onnx - < rose.jpg", "An image from standard input."),
                new("predict runs/houses/001 houses.csv", "A line for each row of a table."),
            ],
        };
        command.Add(model);
        command.Add(inputs);
        command.Add("Predictions", weights, top, batchSize);
        command.Add(CommonOptions.OutputHeading, CommonSwitches.Json());
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        PredictSettings Bind(ParseResult parsed) => new()
        {
            Model = ModelPath.Find(parsed.GetValue(model)!),
            Inputs = parsed.GetValue(inputs)!,
            Weights = parsed.GetValue(weights),
            Top = parsed.GetValue(top),
            BatchSize = parsed.GetValue(batchSize),
            Device = device.Bind(parsed),
        };
    }

    private static int Run(PredictSettings settings, VerbOutput output)
    {
        var job = new PredictionJob(settings, output);
        var all = new List<object>();
        foreach (Prediction prediction in job.Run())
        {
            if (output.IsJson) all.Add(prediction);
            output.Result($"{prediction}");
        }
        output.Json(() => all);
        return job.Unread == 0 ? CommandLine.Done : CommandLine.Failed;
    }
}
