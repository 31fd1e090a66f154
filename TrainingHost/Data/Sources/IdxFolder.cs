using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrainingHost.Data.Sources;

/// <summary>
/// A folder in MNIST's layout: train-images-idx3-ubyte and train-labels-idx1-ubyte, and, where there is a test set, t10k-images-idx3-ubyte and
/// t10k-labels-idx1-ubyte; each plain or .gz, or with the dot that some archives have (train-images.idx3-ubyte).
/// </summary>
internal static class IdxFolder
{
    private const string Images = "images-idx3-ubyte", Labels = "labels-idx1-ubyte";

    public static bool Is(string folder) => Find(folder, $"train-{Images}") is not null || Find(folder, $"train-{Labels}") is not null
        || Find(folder, $"t10k-{Images}") is not null;

    public static DataParts Read(string folder)
    {
        IReadOnlyList<string>? classes = ClassList.BesideIn(folder);
        Examples training = Part("train");
        bool hasTest = Find(folder, $"t10k-{Images}") is not null || Find(folder, $"t10k-{Labels}") is not null;
        return new(training, null, hasTest ? Part("t10k") : null);

        Examples Part(string part) =>
            Pair($"{folder}/{part}", IdxFile.Read(Required($"{part}-{Images}")), IdxFile.Read(Required($"{part}-{Labels}")), classes);

        string Required(string name) =>
            Find(folder, name)
            ?? throw new GraphRewriteException($"{folder}: no file {name} or {name}.gz. Give a folder with idx files in MNIST's layout.");
    }

    /// <summary>Images and labels of one part.</summary>
    /// <exception cref="GraphRewriteException">They do not go together.</exception>
    public static Examples Pair(string name, IdxFile images, IdxFile labels, IReadOnlyList<string>? classes = null)
    {
        if (labels.Dims.Count != 1)
        {
            throw new GraphRewriteException(
                $"{labels.Name}: holds {string.Join(" x ", labels.Dims)} bytes, not one label an image. Are images and labels swapped?");
        }
        if (images.Dims.Count < 2)
            throw new GraphRewriteException($"{images.Name}: holds a single row of bytes, not images. Are images and labels swapped?");
        if (images.Dims[0] != labels.Dims[0])
        {
            throw new GraphRewriteException(
                $"{images.Name} holds {images.Dims[0]} images, {labels.Name} {labels.Dims[0]} labels. Give two files of one set.");
        }
        ByteImages pixels = PixelArrays.Of(images.Name, images.Dims, images.Data);
        long[] indices = Array.ConvertAll(labels.Data, label => (long)label);
        return new(name, new ImageInputs(pixels), new(new(labels.Name, [], null, indices), classes));
    }

    private static string? Find(string folder, string name)
    {
        string dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [name, name + ".gz", dotted, dotted + ".gz"];
        return names.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
