using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using TrainingHost.Data;
using TrainingHost.Data.Images;
using TrainingHost.Data.Sources;
using TrainingHost.Settings;

namespace TrainingHost.Models;

/// <summary>Data as it was read → data as the model takes it: damaged files left out, a part held out, statistics taken, examples fitted.</summary>
/// <param name="choice">What is asked for.</param>
/// <param name="inputs">The model's inputs, without the labels.</param>
/// <param name="labels">How labels become the loss's.</param>
/// <param name="seed">Of what is held out.</param>
/// <param name="known">Statistics of an earlier run; null: those of the training examples.</param>
/// <param name="say">Is told how far it is; null: nobody.</param>
internal sealed class DataOpening(
    DataChoice choice, IReadOnlyList<Value> inputs, LabelFit labels, int seed, Preprocessing? known, Action<string>? say)
{
    private readonly List<string> notes = [];
    private readonly Dictionary<ExampleInputs, FittedImages> fitted = new(ReferenceEqualityComparer.Instance);

    private int Workers => choice.Workers ?? Environment.ProcessorCount;

    /// <exception cref="GraphRewriteException">The data does not fit, or is damaged.</exception>
    public ModelData Fit(DataParts parts)
    {
        notes.AddRange(parts.Notes);
        if (labels.Note is not null) notes.Add(labels.Note);
        return parts.Training.Inputs is ImageInputs images ? FitImages(parts, images) : FitArrays(parts);
    }

    private ModelData FitImages(DataParts parts, ImageInputs training)
    {
        Value input = inputs[0];
        Shape shape = input.Shape ?? throw new GraphRewriteException($"The input '{input.Name}' declares no shape.");
        var target = ImageTarget.Of(input.Name, input.Type, shape, training.Images.Size, choice.ImageSize);
        DataParts whole = choice.SkipCorrupt ? WithoutDamaged(parts, target) : parts;
        (Examples train, Examples? validation, Examples? test) = HeldOut(whole);
        notes.Add(Images(train, target).Fit.Description);
        Normalization normalization = NormalizationOf(target.Size.Channels, () => ScanOf(train, target).Statistics());
        IDataset Dataset(Examples part) => new ImageDataset(input.Name, part, Images(part, target), labels.Of(part), normalization);
        var preprocessing = new Preprocessing
        {
            Channels = target.Size.Channels,
            Height = target.Size.Height,
            Width = target.Size.Width,
            Layout = target.Layout,
            Scale = 1 / 255.0,
            Mean = normalization.Mean,
            Std = normalization.Std,
            Resize = "the largest centred part of these proportions, resized bilinearly with antialiasing",
            Pads = Images(train, target).Fit.Pads,
            ClassNames = labels.ClassNames,
        };
        return Done(Dataset(train), validation is null ? null : Dataset(validation), test is null ? null : Dataset(test), preprocessing, whole);
    }

    private ModelData FitArrays(DataParts parts)
    {
        var arrays = (ArrayInputs)parts.Training.Inputs;
        IReadOnlyList<ExampleTensor> tensors = ArrayDataset.Fit([.. inputs.Select(input => (input.Name, input.Type, input.Shape))], arrays);
        (Examples train, Examples? validation, Examples? test) = HeldOut(parts);
        bool table = arrays.Features is not null, given = choice.Mean is not null || choice.Std is not null;
        string found = $"The data's examples are [{string.Join(", ", arrays.Arrays[0].Dims)}]";
        Normalization? normalization = null;
        if (table || given)
        {
            if (tensors is not [{ Type: ElementType.Float }]) throw new GraphRewriteException("--mean and --std go with a model of one Float input");
            normalization = NormalizationOf(arrays.Arrays[0].Dims is [long columns, ..] ? (int)columns : 1, () => ArrayDataset.Statistics(train));
            string laid = tensors[0].Dims.SequenceEqual(arrays.Arrays[0].Dims) ? "" : $", laid out as [{string.Join(", ", tensors[0].Dims)}]";
            string how = table ? $"columns of a table, each standardized{(given ? " as given" : "")}" : "normalized as given";
            notes.Add($"{found}: {how}{laid}.");
        }
        else notes.Add($"{found}: taken as they are.");
        IDataset Dataset(Examples part)
        {
            ArrayDataset.Fit([.. inputs.Select(input => (input.Name, input.Type, input.Shape))], (ArrayInputs)part.Inputs);
            return new ArrayDataset(tensors, part, labels.Of(part), normalization);
        }
        return Done(
            Dataset(train), validation is null ? null : Dataset(validation), test is null ? null : Dataset(test),
            normalization is null ? null : Describe(arrays, normalization), parts);
    }

    private Preprocessing? Describe(ArrayInputs arrays, Normalization normalization)
    {
        (int channels, int height, int width) = arrays.Arrays[0].Dims switch
        {
            [long columns] => ((int)columns, 1, 1),
            [long c, long h, long w] => ((int)c, (int)h, (int)w),
            _ => (0, 0, 0),
        };
        return channels == 0 ? null : new()
        {
            Channels = channels,
            Height = height,
            Width = width,
            Layout = arrays.Arrays[0].Dims.Count == 3 ? InputLayout.ChannelsFirst : InputLayout.Columns,
            Scale = 1,
            Mean = normalization.Mean,
            Std = normalization.Std,
            Columns = arrays.Features,
            ClassNames = labels.ClassNames,
        };
    }

    /// <summary>What is given, what an earlier run has had, or what the training examples have.</summary>
    private Normalization NormalizationOf(int channels, Func<Normalization> computed)
    {
        if (known is not null && choice.Mean is null && choice.Std is null) return Normalization.Given(channels, known.Mean, known.Std);
        Normalization? own = choice.Mean is null || choice.Std is null ? computed() : null;
        return Normalization.Given(channels, choice.Mean ?? own!.Mean, choice.Std ?? own!.Std);
    }

    private DataParts HeldOut(DataParts parts)
    {
        if (parts.Validation is not null)
        {
            if (choice.Validation is > 0 and { } asked)
                throw new GraphRewriteException($"--validation {Text(asked)}: the data has a validation part of its own ({parts.Validation.Name})");
            return choice.Validation == 0 && !choice.IsEvaluated ? parts with { Validation = null } : parts;
        }
        if (choice.IsEvaluated && parts.Test is not null) return parts;
        double part = choice.Validation ?? DataChoice.DefaultValidation;
        if (part == 0) return parts;
        // Too few to hold a part out that nobody asked for.
        if (choice.Validation is null && Math.Round(part * parts.Training.Count) < 1) return parts;
        (Examples training, Examples validation) = ValidationSplit.Of(parts.Training, part, seed, labels.AreClasses);
        string share = string.Create(CultureInfo.InvariantCulture, $"{validation.Count:N0} of {parts.Training.Count:N0} training examples");
        notes.Add($"{share} are held out for validation{(labels.AreClasses ? ", in the classes' proportions" : "")} (--validation {Text(part)}).");
        return parts with { Training = training, Validation = validation };
    }

    private DataParts WithoutDamaged(DataParts parts, ImageTarget target)
    {
        return parts with
        {
            Training = Sound(parts.Training),
            Validation = parts.Validation is null ? null : Sound(parts.Validation),
            Test = parts.Test is null ? null : Sound(parts.Test),
        };

        Examples Sound(Examples part)
        {
            IReadOnlyDictionary<int, string> damaged = ScanOf(part, target).Damaged;
            if (damaged.Count == 0) return part;
            if (damaged.Count == part.Count)
                throw new GraphRewriteException($"{part.Name}: no image can be read; the first: {damaged.Values.First()}");
            string more = damaged.Count > 3 ? $"; and {damaged.Count - 3} more" : "";
            string which = string.Join("; ", damaged.Values.Take(3)) + more;
            notes.Add($"{part.Name}: {damaged.Count} of {part.Count} images are damaged and left out: {which}.");
            return part.Of(Enumerable.Range(0, part.Count).Where(i => !damaged.ContainsKey(i)));
        }
    }

    private ImageScan ScanOf(Examples part, ImageTarget target) => ImageScan.Of(Images(part, target), part, Workers, choice.SkipCorrupt, say);

    private FittedImages Images(Examples part, ImageTarget target)
    {
        if (fitted.TryGetValue(part.Inputs, out FittedImages? images)) return images;
        IImageSource source = ((ImageInputs)part.Inputs).Images;
        return fitted[part.Inputs] = new(source, new(inputs[0].Name, target, source.Size));
    }

    private ModelData Done(IDataset training, IDataset? validation, IDataset? test, Preprocessing? preprocessing, DataParts parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Examples part in parts.All) part.Identify(hash);
        hash.AppendData(Encoding.UTF8.GetBytes($"{preprocessing?.ToJson()} {training.Count} {validation?.Count} {test?.Count} {seed}"));
        return new(training, validation, test, notes)
        {
            ClassNames = labels.ClassNames,
            Preprocessing = preprocessing,
            Fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
