using System.Text.Json;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data;

/// <summary>What Pillow makes of a picture (tools/make-image-truth.py).</summary>
internal static class ImageTruth
{
    public static JsonElement Root { get; } = JsonDocument.Parse(System.IO.File.ReadAllText(File("truth.json"))).RootElement;

    public static ImageSize Size { get; } = new(3, 17, 23);

    public static string File(string name) => Path.Combine(TestData.Root, "Data", "samples", name);

    /// <summary>The picture's bytes, HWC.</summary>
    public static byte[] Pixels { get; } = Bytes(Root.GetProperty("pixels"));

    public static PixelImage Picture => new(Pixels, Size);

    public static byte[] Bytes(JsonElement array) => [.. array.EnumerateArray().Select(element => (byte)element.GetInt32())];

    public static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(element => element.GetSingle())];

    /// <summary>HWC → CHW.</summary>
    public static float[] Planes(byte[] pixels, int channels)
    {
        int area = pixels.Length / channels;
        return [.. Enumerable.Range(0, pixels.Length).Select(i => (float)pixels[((i % area) * channels) + (i / area)])];
    }

    public static void AreNear(IReadOnlyList<float> expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        Assert.HasCount(expected.Count, actual.ToArray(), what);
        for (int i = 0; i < expected.Count; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"{what}, element {i}");
    }
}
