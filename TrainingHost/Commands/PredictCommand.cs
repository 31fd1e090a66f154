using System.CommandLine;
using System.Globalization;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using TrainingHost.Data.Images;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runs;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Commands;

/// <summary>predict: image files, folders of them or standard input → classes and probabilities.</summary>
internal static class PredictCommand
{
    private const string StandardInput = "-";

    public static Command Create(VerbOutput output)
    {
        var model = new Argument<string>("MODEL") { Description = "A run's folder, or a model that export wrote." };
        model.CompletionSources.Add(_ => ModelPath.Known());
        var images = new Argument<string[]>("IMAGES")
        {
            Description = "Image files (PNG, JPEG, BMP, WebP, GIF), folders of them, or - for an image on standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        var top = new Option<int>("--top") { Description = "Classes to name for each image.", HelpName = "count", DefaultValueFactory = _ => 1 };
        Option<WeightsKind?> weights = CommonOptions.Weights();
        var batchSize = new Option<int>("--batch-size") { Description = "Images at once.", HelpName = "count", DefaultValueFactory = _ => 32 };
        var device = new DeviceOptions();
        var command = new VerbCommand("predict", "Says what images show, by a trained model.")
        {
            Examples =
            [
                new("predict runs/flowers/001 rose.jpg", "The class and its probability."),
                new("predict flowers.onnx photos --top 3 --json", "Three classes for each image of a folder, as JSON."),
                new("predict flowers.onnx - < rose.jpg", "An image from standard input."),
            ],
        };
        command.Add(model);
        command.Add(images);
        command.Add("Predictions", weights, top, batchSize);
        command.Add(CommonOptions.OutputHeading, CommonSwitches.Json());
        device.AddTo(command);
        return command.Runs(output, Bind, settings => Run(settings, output));

        PredictSettings Bind(ParseResult parsed) => new()
        {
            Model = ModelPath.Find(parsed.GetValue(model)!),
            Images = parsed.GetValue(images)!,
            Weights = parsed.GetValue(weights),
            Top = parsed.GetValue(top),
            BatchSize = parsed.GetValue(batchSize),
            Device = device.Bind(parsed),
        };
    }

    private static int Run(PredictSettings settings, VerbOutput output)
    {
        string[] places = [.. settings.Images.SelectMany(Files)];
        Device device = ChosenDevice.Open(settings.Device);
        var weights = RunWeights.Of(settings.Model, settings.Weights);
        var model = PredictionModel.Open(settings.Model, weights?.Chosen);
        if (weights is not null) output.Aside($"{weights}");
        using var predictor = new Predictor(model.Model, device);
        var all = new List<ImagePrediction>();
        int unread = 0;
        foreach (string[] batch in places.Chunk(Math.Min(settings.BatchSize, predictor.FixedBatch ?? int.MaxValue)))
        {
            var read = new List<string>();
            var pixels = new byte[batch.Length * predictor.Length];
            foreach (string place in batch)
            {
                try
                {
                    Load(place, model.Preprocessing, pixels.AsSpan(read.Count * predictor.Length, predictor.Length));
                    read.Add(place);
                }
                catch (GraphRewriteException e)
                {
                    output.Warn(e.Describe(OptionNames.Of).TrimEnd('.')); // the others are predicted all the same
                    unread++;
                }
            }
            if (read.Count == 0) continue;
            float[] probabilities = predictor.Run(pixels, read.Count);
            int classes = probabilities.Length / read.Count;
            for (int i = 0; i < read.Count; i++)
            {
                Span<float> own = probabilities.AsSpan(i * classes, classes);
                ImagePrediction prediction = Of(read[i], own, model.Preprocessing.ClassNames, settings.Top);
                if (output.IsJson) all.Add(prediction);
                output.Result($"{prediction.File}: {string.Join(", ", prediction.Classes)}");
            }
        }
        output.Json(() => all);
        return unread == 0 ? CommandLine.Done : CommandLine.Failed;
    }

    private static ImagePrediction Of(string file, ReadOnlySpan<float> probabilities, IReadOnlyList<string>? names, int top)
    {
        float[] p = probabilities.ToArray();
        return new(file, [.. Enumerable.Range(0, p.Length).OrderByDescending(c => p[c]).Take(top)
            .Select(c => new PredictedClass(ClassificationScores.NameOf(c, names), c, p[c]))]);
    }

    /// <summary>The files that are meant: of a folder the images in it and below, in order.</summary>
    private static IEnumerable<string> Files(string place)
    {
        if (place == StandardInput || File.Exists(place)) return [place];
        if (!Directory.Exists(place)) throw new GraphRewriteException($"{place}: no such file or folder.");
        string[] files = [.. Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
            .Where(file => ImageDecoder.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files
            : throw new GraphRewriteException($"{place}: holds no images ({string.Join(", ", ImageDecoder.Extensions)}).");
    }

    /// <summary>The image as channel planes of the model's size.</summary>
    private static void Load(string place, Preprocessing preprocessing, Span<byte> planes)
    {
        PixelImage image = ImageDecoder.Decode(Bytes(place), place);
        var size = new ImageSize(preprocessing.Channels, preprocessing.Height, preprocessing.Width);
        var fit = new ImageFit(place, new(size, InputLayout.ChannelsFirst, preprocessing.RawDims), preprocessing.Pads ? image.Size : null);
        fit.Apply(image, planes);
    }

    private static byte[] Bytes(string place)
    {
        try
        {
            if (place != StandardInput) return File.ReadAllBytes(place);
            using Stream input = Console.OpenStandardInput();
            using var bytes = new MemoryStream();
            input.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{place}: cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}

/// <summary>A class, and how probable it is.</summary>
internal sealed record PredictedClass(string Class, int Index, double Probability)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class} {Probability:P2}");
}

/// <summary>The most probable classes of an image, the first one first.</summary>
internal sealed record ImagePrediction(string File, IReadOnlyList<PredictedClass> Classes);
