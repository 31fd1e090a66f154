using GraphRewrite.Diagnostics;
using TrainingHost.Settings;

namespace TrainingHost.Data.Sources;

/// <summary>
/// What <c>--data</c> accepts apart from <c>synthetic</c>, which is made from the model: the embedded data's name, a file, two .npy files with a
/// comma between, or a folder, whose kind its files tell.
/// </summary>
internal static class DataSource
{
    public const string Synthetic = "synthetic";

    private const string Forms =
        "a folder of images by class, of idx, CIFAR (.bin), .npy or table files; a .npz, .csv, .tsv or .parquet file; X.npy,Y.npy";

    /// <param name="choice">--data and what goes with it.</param>
    /// <param name="modelInputs">The model's inputs, labels last.</param>
    /// <exception cref="GraphRewriteException">There is no such data, or it cannot be read.</exception>
    public static DataParts Open(DataChoice choice, IReadOnlyList<string> modelInputs)
    {
        string data = choice.Data;
        if (data == FashionMnist.Name) return FashionMnist.Load();
        try
        {
            DataParts parts = Directory.Exists(data) ? OfFolder(choice, modelInputs) : OfFile(choice, modelInputs);
            if (choice.Label.Count + choice.Ignore.Count > 0 && parts.Training.Inputs is not ArrayInputs { Features: not null })
                throw new GraphRewriteException($"--label and --ignore name columns of a table; {data} is none");
            return parts;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GraphRewriteException($"--data {data}: cannot be read ({error.Message})", error);
        }
    }

    private static DataParts OfFile(DataChoice choice, IReadOnlyList<string> modelInputs)
    {
        string data = choice.Data;
        if (data.Split(',') is [string x, string y] && IsNpy(x) && IsNpy(y)) return ArraySet.OfPair(x, y);
        if (!File.Exists(data))
            throw new GraphRewriteException($"--data {data}: no such file or folder. Give {Forms}; '{FashionMnist.Name}' or '{Synthetic}'");
        string extension = Path.GetExtension(data).ToLowerInvariant();
        return extension == ".npz" ? ArraySet.OfArchive(data).Read(modelInputs)
            : Table.Extensions.Contains(extension) ? TableData.Read(data, choice)
            : throw new GraphRewriteException(IsNpy(data)
                ? $"--data {data}: is one array. Give examples and labels: --data {data},LABELS.npy"
                : $"--data {data}: is no kind of file that is read. Give {Forms}");
    }

    private static DataParts OfFolder(DataChoice choice, IReadOnlyList<string> modelInputs)
    {
        string folder = choice.Data;
        return IdxFolder.Is(folder) ? IdxFolder.Read(folder)
            : CifarFolder.Is(folder) ? CifarFolder.Read(folder)
            : ArraySet.IsIn(folder) ? ArraySet.OfFolder(folder).Read(modelInputs)
            : TableData.IsIn(folder) ? TableData.Read(folder, choice)
            : ImageFolder.Is(folder) ? ImageFolder.Read(folder)
            : throw new GraphRewriteException($"--data {folder}: the folder holds nothing that is read. Give {Forms}");
    }

    private static bool IsNpy(string path) => path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);
}
