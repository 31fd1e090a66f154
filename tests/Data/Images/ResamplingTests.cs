using System.Text.Json;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Images;

/// <summary>Held against Pillow's BILINEAR in floating point: half a level is the rounding to bytes.</summary>
[TestClass]
public sealed class ResamplingTests
{
    private const double Rounding = 0.501;

    [TestMethod]
    [DataRow(17, 23)]
    [DataRow(8, 9)]
    [DataRow(34, 46)]
    [DataRow(5, 40)]
    public void Resizing_IsPillows(int height, int width)
    {
        JsonElement planes = ImageTruth.Root.GetProperty("resized").GetProperty($"{height}x{width}");
        Holds(planes, new(0, 0, ImageTruth.Size.Width, ImageTruth.Size.Height), height, width);
    }

    [TestMethod]
    public void AWindow_IsPillowsBox() => Holds(ImageTruth.Root.GetProperty("window"), new(3, 0, 17, 17), 7, 7);

    /// <summary>Four channels go another way through the code.</summary>
    [TestMethod]
    public void FourChannels_AreEachLikeOne()
    {
        byte[] pixels = [.. Enumerable.Range(0, 6 * 5 * 4).Select(i => (byte)(i * 37))];
        var together = new byte[3 * 4 * 4];
        Resampling.Apply(new(pixels, new(4, 6, 5)), new(0.5, 1, 4, 4), 3, 4, together);
        for (int c = 0; c < 4; c++)
        {
            var alone = new byte[3 * 4];
            Resampling.Apply(new(pixels.Where((_, i) => i % 4 == c).ToArray(), new(1, 6, 5)), new(0.5, 1, 4, 4), 3, 4, alone);
            CollectionAssert.AreEqual(alone, together.Where((_, i) => i % 4 == c).ToArray());
        }
    }

    private static void Holds(JsonElement planes, Window window, int height, int width)
    {
        var resized = new byte[height * width * 3];
        Resampling.Apply(ImageTruth.Picture, window, height, width, resized);
        float[] expected = [.. planes.EnumerateArray().SelectMany(ImageTruth.Floats)];
        ImageTruth.AreNear(expected, ImageTruth.Planes(resized, 3), Rounding, $"{height} x {width}");
    }
}
