using GraphRewrite.Diagnostics;
using GraphRewrite.Randomness;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Augmentations;

[TestClass]
public sealed class AugmentationTests
{
    private const int Height = 6, Width = 7;
    private static readonly ImageSize Size = new(2, Height, Width);

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
        for (int i = 0; i < 3000; i++) seen.Add(possible[Key(Augmented(new() { Flip = true, Crop = 4 }, i))]);
        Assert.HasCount(162, seen);
    }

    [TestMethod]
    public void FlipAlone_MirrorsAboutHalf()
    {
        int mirrored = Enumerable.Range(0, 1000).Count(i => Key(Augmented(new() { Flip = true }, i)) == Key(Expected(true, 0, 0)));
        int unchanged = Enumerable.Range(0, 1000).Count(i => Key(Augmented(new() { Flip = true }, i)) == Key(Expected(false, 0, 0)));
        Assert.AreEqual(1000, mirrored + unchanged);
        // Four standard deviations of a fair coin.
        Assert.AreEqual(500, mirrored, 64);
    }

    [TestMethod]
    public void ResizedCrop_StaysInsideAndKeepsItsRanges()
    {
        var crop = new ResizedCrop(0.25f);
        ImageSize image = new(3, 90, 120), target = new(3, 64, 64);
        double smallest = 1;
        for (int i = 0; i < 2000; i++)
        {
            Pcg32 random = Pcg32.For(1, 0, i);
            Window window = crop.Draw(image, target, ref random);
            Assert.IsTrue(window is { Left: >= 0, Top: >= 0 } && window.Left + window.Width <= 120 && window.Top + window.Height <= 90, $"{window}");
            double part = window.Width * window.Height / (90.0 * 120), ratio = window.Width / window.Height;
            smallest = Math.Min(smallest, part);
            // Both borders are rounded to whole pixels: by half a pixel of 39, the shortest side that there is.
            Assert.IsTrue(part >= 0.25 * 0.97 && ratio > 0.75 * 0.97 && ratio < 1.03 * 4 / 3, $"{window}");
        }
        Assert.IsLessThan(0.27, smallest);
    }

    [TestMethod]
    public void Erasing_ClearsOneRectangleOfTheSizeAskedFor()
    {
        var erasing = new RandomErasing(0.5f);
        int erased = 0;
        for (int i = 0; i < 1000; i++)
        {
            float[] values = [.. Enumerable.Repeat(1f, 3 * 20 * 20)];
            Pcg32 random = Pcg32.For(1, 0, i);
            erasing.Apply(new(values, new(3, 20, 20)), ref random);
            int[] zeros = [.. Enumerable.Range(0, 400).Where(p => values[p] == 0)];
            if (zeros.Length == 0) continue;
            erased++;
            int height = (zeros.Max() / 20) - (zeros.Min() / 20) + 1, width = zeros.Max(p => p % 20) - zeros.Min(p => p % 20) + 1;
            Assert.AreEqual(height * width, zeros.Length, "one rectangle");
            Assert.AreEqual(3 * zeros.Length, values.Count(value => value == 0), "all channels alike");
            Assert.IsLessThanOrEqualTo(0.33 * 400 * 1.1, zeros.Length);
        }
        Assert.AreEqual(500, erased, 64);
    }

    [TestMethod]
    public void RandAugment_DrawsEveryOperation_AndNothingAtMagnitudeZeroButTheThreeWithoutOne()
    {
        HashSet<string> results = [];
        for (int i = 0; i < 400; i++) results.Add(Key(Augmented(new() { RandAugment = new(1, 15) }, i)));
        // Twelve operations with a magnitude, nine of them with a sign, on two grey planes: saturation changes nothing.
        Assert.IsGreaterThanOrEqualTo(15, results.Count);
        HashSet<string> still = [];
        for (int i = 0; i < 400; i++) still.Add(Key(Augmented(new() { RandAugment = new(1, 0) }, i)));
        Assert.IsLessThanOrEqualTo(3, still.Count);
    }

    [TestMethod]
    public void Text_IsPresetsAndChanges()
    {
        Assert.IsNull(AugmentationText.Parse("none"));
        Assert.AreEqual(new Augmentation { Crop = 4, Flip = true }, AugmentationText.Parse("cifar"));
        Assert.AreEqual(
            new Augmentation { Crop = 2, Flip = true, Mixing = new(0.2f, 1), RandAugment = new(3, 5), Rotation = 30 },
            AugmentationText.Parse("cifar, crop=2,mixup,cutmix=1,randaugment=3:5,rotation=30"));
        Refuses("--augment blur: there are none, light, cifar, imagenet, and by themselves resized-crop=0.08, crop=4, flip, rotation=15, "
            + "randaugment=2:9, jitter=0.4 (brightness, contrast, saturation; or one of them), erasing=0.25, "
            + "mixup=0.2, cutmix=1; separate them by commas.",
            "blur");
        Refuses("--augment crop=1.5: crop takes a whole number from 1 to 1024.", "crop=1.5");
        Refuses("--augment randaugment=9: randaugment takes OPERATIONS:MAGNITUDE, from 1:0 to 14:30.", "randaugment=9");

        static void Refuses(string message, string text) =>
            Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => AugmentationText.Parse(text)).Message);
    }

    private static float[] Augmented(Augmentation augmentation, int index)
    {
        float[] values = Original();
        Pcg32 random = Pcg32.For(1, 0, index);
        augmentation.Apply(new(values, Size), ref random);
        return values;
    }

    private static float[] Original() => [.. Enumerable.Range(1, 2 * Height * Width).Select(i => (float)i)];

    /// <summary>The image padded by four, cut at (4 + down, 4 + right), mirrored.</summary>
    private static float[] Expected(bool flip, int down, int right)
    {
        float[] original = Original();
        return [.. from c in Enumerable.Range(0, 2)
                   from y in Enumerable.Range(0, Height)
                   from x in Enumerable.Range(0, Width)
                   let column = (flip ? Width - 1 - x : x) + right
                   let inside = y + down >= 0 && y + down < Height && column >= 0 && column < Width
                   select inside ? original[(((c * Height) + y + down) * Width) + column] : 0f];
    }

    private static string Key(float[] image) => string.Join(' ', image);
}
