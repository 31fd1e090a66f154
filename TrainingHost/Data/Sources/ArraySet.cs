using System.IO.Compression;
using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>
/// NumPy arrays by name, from a .npz archive or a folder of .npy files: examples x and labels y, for a part as x_train, train_x and the like. A model
/// of several inputs takes the arrays of its inputs' names.
/// </summary>
internal sealed class ArraySet
{
    private static readonly string[] Inputs = ["x", "images", "image", "data", "inputs", "input", "features"];
    private static readonly string[] Targets = ["y", "labels", "label", "targets", "target"];

    private readonly string name;
    private readonly string[] entries;
    private readonly Func<string, NpyArray> read;
    private readonly IReadOnlyList<string>? classes;

    private ArraySet(string name, string[] entries, Func<string, NpyArray> read, IReadOnlyList<string>? classes) =>
        (this.name, this.entries, this.read, this.classes) = (name, entries, read, classes);

    /// <summary>Whether a folder holds .npy files.</summary>
    public static bool IsIn(string folder) => Directory.EnumerateFiles(folder, "*.npy").Any();

    public static ArraySet OfFolder(string folder) => new(
        folder,
        [.. Directory.EnumerateFiles(folder, "*.npy").Select(file => Path.GetFileNameWithoutExtension(file)!)],
        entry => NpyArray.Read(Path.Combine(folder, $"{entry}.npy")),
        ClassList.BesideIn(folder));

    /// <summary>Two files: examples, labels.</summary>
    public static DataParts OfPair(string examples, string labels) =>
        new(Pair(examples, [NpyArray.Read(examples)], NpyArray.Read(labels), ClassList.Beside(examples)), null, null);

    /// <exception cref="GraphRewriteException">It is no archive.</exception>
    public static ArraySet OfArchive(string path)
    {
        var arrays = new Dictionary<string, byte[]>();
        try
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry.Name.EndsWith(".npy", StringComparison.Ordinal)))
            {
                using Stream stream = entry.Open();
                using var contents = new MemoryStream();
                stream.CopyTo(contents);
                arrays[Path.GetFileNameWithoutExtension(entry.Name)] = contents.ToArray();
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"{path}: cannot be read as a .npz archive ({error.Message})", error);
        }
        return new(path, [.. arrays.Keys], entry => NpyArray.Parse(arrays[entry], $"{path}, {entry}"), ClassList.Beside(path));
    }

    /// <param name="modelInputs">The model's inputs, labels last.</param>
    /// <exception cref="GraphRewriteException">No arrays are found for the inputs, or they do not go together.</exception>
    public DataParts Read(IReadOnlyList<string> modelInputs)
    {
        Examples? training = Part(PartNames.Training, modelInputs) ?? Part([], modelInputs);
        if (training is null)
        {
            string inputs = modelInputs.Count > 2 ? $"arrays {string.Join(", ", modelInputs)} (the model's inputs and labels)"
                : "examples and labels: x and y, images and labels, x_train and y_train, …";
            throw new GraphRewriteException($"{name}: holds {string.Join(", ", entries.Order(StringComparer.Ordinal))}; expected are {inputs}");
        }
        return new(training, Part(PartNames.Validation, modelInputs), Part(PartNames.Test, modelInputs));
    }

    private Examples? Part(IReadOnlyList<string> part, IReadOnlyList<string> modelInputs)
    {
        string shown = part.Count == 0 ? name : $"{name}/{part[0]}";
        string? labels = PartNames.Find(entries, Of(part, [modelInputs[^1], .. Targets]));
        string?[] named = [.. modelInputs.SkipLast(1).Select(input => PartNames.Find(entries, Of(part, [input])))];
        if (named.Length == 1) named = [named[0] ?? PartNames.Find(entries, Of(part, Inputs))];
        return labels is null || named.Contains(null) ? null : Pair(shown, [.. named.Select(entry => read(entry!))], read(labels), classes);
    }

    private static IEnumerable<string> Of(IReadOnlyList<string> part, IReadOnlyList<string> arrays) => part.Count == 0 ? arrays
        : arrays.SelectMany(array => part.SelectMany(p => new[] { $"{array}_{p}", $"{p}_{array}", $"{array}-{p}", $"{p}-{array}" }));

    private static Examples Pair(string name, NpyArray[] inputs, NpyArray labels, IReadOnlyList<string>? classes)
    {
        foreach (NpyArray array in inputs.Append(labels))
        {
            if (array.Dims.Count == 0) throw new GraphRewriteException($"{array.Name}: is a single number, not a row for each example");
            if (array.Dims[0] != labels.Dims[0])
            {
                throw new GraphRewriteException(
                    $"{array.Name} has {array.Dims[0]} rows, {labels.Name} {labels.Dims[0]}. Give arrays of the same examples");
            }
        }
        ExampleArray targets = labels.ToExamples();
        // [N, 1] indices of classes are [N] of them.
        if (targets is { Integers: not null, Length: 1 }) targets = targets with { Dims = [] };
        bool pixels = inputs is [{ IsBytes: true, Dims.Count: > 1 }];
        ExampleInputs examples = pixels ? new ImageInputs(PixelArrays.Of(inputs[0].Name, inputs[0].Dims, inputs[0].Data))
            : new ArrayInputs([.. inputs.Select(input => input.ToExamples())]);
        return new(name, examples, new(targets, classes));
    }
}
