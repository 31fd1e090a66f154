using System.Reflection;

namespace TrainingHost.Data;

/// <summary>
/// The embedded part of Fashion-MNIST: the first 10,000 training and 2,000 test images, 28 x 28, ten classes (data/fashion-mnist/NOTICE).
/// </summary>
internal static class FashionMnist
{
    public const string Name = "fashion-mnist";

    public static DataSplit Load()
    {
        IdxDataset training = Read("train", null);
        return new(training, Read("t10k", training.Statistics));
    }

    private static IdxDataset Read(string part, PixelStatistics? statistics) =>
        new($"{Name}/{part}", Embedded($"{part}-images-idx3-ubyte"), Embedded($"{part}-labels-idx1-ubyte"), statistics);

    private static IdxFile Embedded(string file)
    {
        string name = $"{Name}/{file}.gz";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without its resource {name}.");
        return IdxFile.Read(stream, name);
    }
}
