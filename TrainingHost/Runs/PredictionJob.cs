using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Models;
using TrainingHost.Reporting;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrainingHost.Runs;

/// <summary>One run of predict: image files or tables → batches of raw examples → what the model says of each.</summary>
internal sealed class PredictionJob(PredictSettings settings, VerbOutput output)
{
    private const string StandardInput = "-";

    /// <summary>Examples that could not be read; the others are predicted all the same.</summary>
    public int Unread { get; private set; }

    /// <summary>The predictions, in the order of what was given.</summary>
    /// <exception cref="GraphRewriteException">The model is none for images or tables, or a file is not there.</exception>
    public IEnumerable<Prediction> Run()
    {
        if (settings.Inputs.FirstOrDefault(place => place != StandardInput && !Path.Exists(place)) is { } nowhere)
            throw new GraphRewriteException($"{nowhere}: no such file or folder.");
        var weights = RunWeights.Of(settings.Model, settings.Weights);
        var model = PredictionModel.Open(settings.Model, weights?.Chosen);
        IReadOnlyList<string> extensions = model.IsOfTables ? Table.Extensions : ImageDecoder.Extensions;
        string[] places = [.. settings.Inputs.SelectMany(place => Files(place, model.IsOfTables ? "tables" : "images", extensions))];
        Device device = ChosenDevice.Open(settings.Device);
        using var predictor = new Predictor(model.Model, device);
        IEnumerable<Prediction> all = model.IsOfTables ? places.SelectMany(place => OfTable(place, model, predictor)) : OfImages(places, model, predictor);
        foreach (Prediction prediction in all) yield return prediction;
        if (weights is not null) output.Aside($"{weights}");
    }

    private IEnumerable<Prediction> OfImages(string[] places, PredictionModel model, Predictor predictor)
    {
        foreach (string[] batch in places.Chunk(BatchOf(predictor)))
        {
            var pixels = new byte[batch.Length * predictor.Length];
            string[] read = Readable(batch, (place, i) =>
                Load(place, model.Preprocessing, pixels.AsSpan(i * predictor.Length, predictor.Length)));
            if (read.Length == 0) continue;
            float[] predicted = predictor.Run(pixels.AsSpan(), read.Length);
            int each = predicted.Length / read.Length;
            for (int i = 0; i < read.Length; i++)
            {
                float[] own = predicted[(i * each)..((i + 1) * each)];
                yield return model.GivesClasses
                    ? new ImagePrediction(read[i], PredictedClass.Top(own, model.Preprocessing.ClassNames, settings.Top))
                    : new ImageValues(read[i], own);
            }
        }
    }

    private IEnumerable<Prediction> OfTable(string place, PredictionModel model, Predictor predictor)
    {
        Table table = place == StandardInput ? CsvTable.Parse(Console.In.ReadToEnd(), place) : Table.Read(place);
        var rows = new TableRows(table, model.Preprocessing.Columns!);
        foreach (int[] batch in Enumerable.Range(0, rows.Count).Chunk(BatchOf(predictor)))
        {
            var values = new float[batch.Length * predictor.Length];
            int[] read = Readable(batch, (row, i) => rows.Fill(row, values.AsSpan(i * predictor.Length, predictor.Length)));
            if (read.Length == 0) continue;
            float[] predicted = predictor.Run(values.AsSpan(), read.Length);
            int each = predicted.Length / read.Length;
            for (int i = 0; i < read.Length; i++)
            {
                float[] own = predicted[(i * each)..((i + 1) * each)];
                yield return model.GivesClasses
                    ? new RowClasses(place, read[i] + 1, PredictedClass.Top(own, model.Preprocessing.ClassNames, settings.Top))
                    : new RowValues(place, read[i] + 1, own);
            }
        }
    }

    private int BatchOf(Predictor predictor) => Math.Min(settings.BatchSize, predictor.FixedBatch ?? int.MaxValue);

    /// <summary>Those of a batch that can be read, each at the next free place; of the others a warning says why not.</summary>
    private T[] Readable<T>(T[] batch, Action<T, int> read)
    {
        var sound = new List<T>();
        foreach (T example in batch)
        {
            try
            {
                read(example, sound.Count);
                sound.Add(example);
            }
            catch (GraphRewriteException e)
            {
                output.Warn(e.Describe(OptionNames.Of).TrimEnd('.'));
                Unread++;
            }
        }
        return [.. sound];
    }

    /// <summary>The files that are meant: of a folder those in it and below, in order.</summary>
    private static string[] Files(string place, string kind, IReadOnlyList<string> extensions)
    {
        if (!Directory.Exists(place)) return [place];
        string[] files = [.. Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
            .Where(file => extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new GraphRewriteException($"{place}: holds no {kind} ({string.Join(", ", extensions)}).");
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
