using GraphRewrite.Diagnostics;

namespace TrainingHost.Data;

/// <summary>
/// A folder in MNIST's layout: train-images-idx3-ubyte and train-labels-idx1-ubyte, and, where there is a test set, t10k-images-idx3-ubyte and
/// t10k-labels-idx1-ubyte; each plain or .gz, or with the dot that some archives have (train-images.idx3-ubyte).
/// </summary>
internal static class IdxFolder
{
    public static DataSplit Read(string folder)
    {
        IdxDataset training = IdxDataset.Read(Required("train-images-idx3-ubyte"), Required("train-labels-idx1-ubyte"));
        bool hasTest = Find(folder, "t10k-images-idx3-ubyte") is not null || Find(folder, "t10k-labels-idx1-ubyte") is not null;
        if (!hasTest) return new(training, null);

        IdxDataset test = IdxDataset.Read(Required("t10k-images-idx3-ubyte"), Required("t10k-labels-idx1-ubyte"), training.Statistics);
        if (!test.Inputs[0].Dims.SequenceEqual(training.Inputs[0].Dims))
        {
            throw new GraphRewriteException(
                $"{folder}: the test images are [{string.Join(", ", test.Inputs[0].Dims)}], "
                + $"the training images [{string.Join(", ", training.Inputs[0].Dims)}].");
        }
        return new(training, test);

        string Required(string name) =>
            Find(folder, name)
            ?? throw new GraphRewriteException($"{folder}: no file {name} or {name}.gz. Give a folder with idx files in MNIST's layout.");
    }

    private static string? Find(string folder, string name)
    {
        string dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [name, name + ".gz", dotted, dotted + ".gz"];
        return names.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
