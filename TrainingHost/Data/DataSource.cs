using GraphRewrite.Diagnostics;

namespace TrainingHost.Data;

/// <summary>
/// What <c>--data</c> accepts apart from <c>synthetic</c>, which is made from the model: the embedded data's name, or a folder of idx files.
/// </summary>
internal static class DataSource
{
    public const string Synthetic = "synthetic";

    public static DataSplit Open(string data)
    {
        if (data == FashionMnist.Name) return FashionMnist.Load();
        if (Directory.Exists(data)) return IdxFolder.Read(data);
        throw new GraphRewriteException(File.Exists(data)
            ? $"--data {data}: is a file. Give the folder that holds the idx files, '{FashionMnist.Name}' or '{Synthetic}'."
            : $"--data {data}: no such folder. Give a folder with idx files, '{FashionMnist.Name}' or '{Synthetic}'.");
    }
}
