using System.Reflection;

namespace TrainingHost.Data.Sources;

/// <summary>
/// The embedded part of Fashion-MNIST: the first 10,000 training and 2,000 test images, 28 x 28, ten classes (data/fashion-mnist/NOTICE).
/// </summary>
internal static class FashionMnist
{
    public const string Name = "fashion-mnist";

    private static readonly string[] Classes =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    public static DataParts Load() => new(Read("train"), null, Read("t10k"));

    private static Examples Read(string part) =>
        IdxFolder.Pair($"{Name}/{part}", Embedded($"{part}-images-idx3-ubyte"), Embedded($"{part}-labels-idx1-ubyte"), Classes);

    private static IdxFile Embedded(string file)
    {
        string name = $"{Name}/{file}.gz";
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without its resource {name}.");
        return IdxFile.Read(stream, name);
    }
}
