using GraphRewrite.Diagnostics;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Images;

[TestClass]
public sealed class ImageDecoderTests
{
    [TestMethod]
    [DataRow("picture.png", "pixels")]
    [DataRow("picture.bmp", "pixels")]
    [DataRow("picture.webp", "pixels")]
    [DataRow("alpha.png", "pixels")]
    public void Lossless_IsPillows(string file, string truth) => CollectionAssert.AreEqual(
        ImageTruth.Bytes(ImageTruth.Root.GetProperty(truth)), Colours(Decoded(file)), file);

    [TestMethod]
    public void Grey_IsThreeEqualChannels()
    {
        byte[] grey = ImageTruth.Bytes(ImageTruth.Root.GetProperty("grey"));
        CollectionAssert.AreEqual(grey.SelectMany(p => new[] { p, p, p }).ToArray(), Colours(Decoded("grey.png")));
    }

    /// <summary>Two decoders' inverse cosine transforms and colour conversions round differently, by two levels at most.</summary>
    [TestMethod]
    public void Jpeg_IsPillowsButForRounding()
    {
        AreNear(ImageTruth.Bytes(ImageTruth.Root.GetProperty("jpeg")), Decoded("picture.jpg"), "jpeg");
    }

    [TestMethod]
    public void Orientation_IsMadeUpright()
    {
        for (int k = 1; k <= 8; k++)
        {
            PixelImage image = Decoded($"turned-{k}.jpg");
            AreNear(ImageTruth.Bytes(ImageTruth.Root.GetProperty("turned").GetProperty($"{k}")), image, $"orientation {k}");
            Assert.AreEqual(ImageDecoder.SizeOf(ImageTruth.File($"turned-{k}.jpg")), image.Size with { Channels = 3 });
        }
    }

    [TestMethod]
    public void Damage_IsSaidWithTheFile()
    {
        byte[] whole = File.ReadAllBytes(ImageTruth.File("picture.png"));
        Refuses("x.png: the image is damaged", whole[..(whole.Length * 2 / 3)]);
        Refuses("x.png: no PNG, JPEG, BMP, WebP or GIF image, or damaged", [1, 2, 3]);
        Refuses("x.png: no PNG, JPEG, BMP, WebP or GIF image, or damaged", []);

        static void Refuses(string begin, byte[] file) =>
            Assert.StartsWith(begin, Assert.ThrowsExactly<GraphRewriteException>(() => ImageDecoder.Decode(file, "x.png")).Message);
    }

    private static void AreNear(byte[] expected, PixelImage image, string what)
    {
        byte[] actual = Colours(image);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 2.0, $"{what}, byte {i}");
    }

    private static PixelImage Decoded(string file) => ImageDecoder.Decode(File.ReadAllBytes(ImageTruth.File(file)), file);

    /// <summary>Red, green and blue of each pixel.</summary>
    private static byte[] Colours(PixelImage image)
    {
        Assert.AreEqual(4, image.Size.Channels);
        return [.. image.Pixels.ToArray().Where((_, i) => i % 4 < 3)];
    }
}
