using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.Randomness;
using TrainingHost.Data;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class AugmentationTests
{
    private const int Height = 6, Width = 7;
    private static readonly ExampleTensor Image = new("x", ElementType.Float, [2, Height, Width], Blank: -1);

    /// <summary>Every result is one of the 2 · 81 images that flip and shift can give, computed here pixel by pixel; and all 162 occur.</summary>
    [TestMethod]
    public void FlipAndCrop_GiveAllTheirResultsAndNoOther()
    {
        Dictionary<string, (bool, int, int)> possible = [];
        foreach (bool flip in new[] { false, true })
            for (int down = -4; down <= 4; down++)
                for (int right = -4; right <= 4; right++) possible[Key(Expected(flip, down, right))] = (flip, down, right);
        Assert.HasCount(162, possible);

        HashSet<(bool, int, int)> seen = [];
        for (int i = 0; i < 3000; i++) seen.Add(possible[Key(Augmented(new(Flip: true, Crop: true), i))]);
        Assert.HasCount(162, seen);
    }

    [TestMethod]
    public void FlipAlone_MirrorsAboutHalf()
    {
        int mirrored = Enumerable.Range(0, 1000).Count(i => Key(Augmented(new(Flip: true, Crop: false), i)) == Key(Expected(true, 0, 0)));
        int unchanged = Enumerable.Range(0, 1000).Count(i => Key(Augmented(new(Flip: true, Crop: false), i)) == Key(Expected(false, 0, 0)));
        Assert.AreEqual(1000, mirrored + unchanged);
        // Four standard deviations of a fair coin.
        Assert.AreEqual(500, mirrored, 64);
    }

    [TestMethod]
    public void WhatIsNoImage_IsRefused() => Assert.AreEqual(
        "Augmentation: input 'x' is Float[784], not an image [C, H, W]. Train without it.",
        Assert.ThrowsExactly<GraphRewriteException>(() => Augmentation.CheckInput(new("x", ElementType.Float, [784]))).Message);

    private static float[] Augmented(Augmentation augmentation, int index)
    {
        var images = new BatchTensor(Image, 2);
        Original().CopyTo(images.FloatsOf(1));
        augmentation.Apply(images, 1, Pcg32.For(1, 0, index), new float[Image.Length]);
        Assert.IsTrue(images.FloatsOf(0).IndexOfAnyExcept(0f) < 0, "the row before was touched");
        return images.FloatsOf(1).ToArray();
    }

    private static float[] Original() => [.. Enumerable.Range(1, Image.Length).Select(i => (float)i)];

    /// <summary>The image padded by four, cut at (4 + down, 4 + right), mirrored.</summary>
    private static float[] Expected(bool flip, int down, int right)
    {
        float[] original = Original();
        return [.. from c in Enumerable.Range(0, 2)
                   from y in Enumerable.Range(0, Height)
                   from x in Enumerable.Range(0, Width)
                   let column = (flip ? Width - 1 - x : x) + right
                   let inside = y + down >= 0 && y + down < Height && column >= 0 && column < Width
                   select inside ? original[(((c * Height) + y + down) * Width) + column] : -1f];
    }

    private static string Key(float[] image) => string.Join(' ', image);
}
