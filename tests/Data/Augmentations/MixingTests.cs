using GraphRewrite.Forward;
using GraphRewrite.Randomness;
using TrainingHost.Data.Augmentations;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Augmentations;

[TestClass]
public sealed class MixingTests
{
    private const int Count = 5, Height = 8, Width = 10;
    private static readonly ImageTarget Image = new(new(2, Height, Width), InputLayout.ChannelsFirst, [2, Height, Width]);

    /// <summary>Rows of a constant each: λ can be read off any pixel, and must be the labels' too.</summary>
    [TestMethod]
    public void MixUp_MixesImagesAndLabelsAlike()
    {
        double sum = 0, square = 0;
        for (int draw = 0; draw < 4000; draw++)
        {
            (float[] images, float[] labels) = Mixed(new(0.4f, 0), Image, draw);
            float lambda = 1 - (images[0] / 4);
            for (int i = 0; i < 160; i++) Assert.AreEqual(images[0], images[i], 1e-6f);
            Assert.AreEqual(lambda, labels[0], 1e-5f);
            Assert.AreEqual(1 - lambda, labels[4], 1e-5f);
            Assert.AreEqual(2f, images[2 * 160], "the example in the middle is its own partner");
            Assert.AreEqual(4 * lambda, images[4 * 160], 1e-5f);
            sum += lambda;
            square += lambda * lambda;
        }
        // Beta(α, α): mean ½, variance 1/(4(2α + 1)) = 0.1389 for α = 0.4; five standard errors of 4,000 draws.
        Assert.AreEqual(0.5, sum / 4000, 5 * Math.Sqrt(0.1389 / 4000));
        Assert.AreEqual(0.1389, (square / 4000) - Math.Pow(sum / 4000, 2), 0.01);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void CutMix_ExchangesOneRectangle_LabelsByArea(bool channelsLast)
    {
        ImageTarget image = Image with { Layout = channelsLast ? InputLayout.ChannelsLast : InputLayout.ChannelsFirst };
        for (int draw = 0; draw < 500; draw++)
        {
            (float[] images, float[] labels) = Mixed(new(0, 1), image, draw);
            int[] cut = [.. Enumerable.Range(0, Height * Width).Where(p => At(images, 0, p) == 4)];
            Assert.AreEqual((double)cut.Length / (Height * Width), labels[4], 1e-5);
            Assert.AreEqual(1, labels.Take(5).Sum(), 1e-5);
            int[] given = [.. Enumerable.Range(0, Height * Width).Where(p => At(images, 4, p) == 0)];
            CollectionAssert.AreEqual(cut, given, "what one gets the other gives");
            if (cut.Length == 0) continue;
            int height = (cut.Max() / Width) - (cut.Min() / Width) + 1, width = cut.Max(p => p % Width) - cut.Min(p => p % Width) + 1;
            Assert.AreEqual(height * width, cut.Length, "one rectangle");
            Assert.AreEqual(2 * cut.Length, images.Take(160).Count(value => value == 4), "in all channels");
        }

        float At(float[] images, int row, int position) => images[(row * 160) + (channelsLast ? 2 * position : position)];
    }

    [TestMethod]
    public void Both_AreDrawnInTurn()
    {
        bool[] mixed = [.. Enumerable.Range(0, 200).Select(draw => Mixed(new(1, 1), Image, draw).Images[0] is not (0 or 4))];
        Assert.AreEqual(100, mixed.Count(m => m), 40);
    }

    /// <summary>Row r is full of r, its label class r of 5.</summary>
    private static (float[] Images, float[] Labels) Mixed(Mixing mixing, ImageTarget image, int draw)
    {
        float[] images = [.. Enumerable.Range(0, Count * 160).Select(i => (float)(i / 160))];
        float[] labels = [.. Enumerable.Range(0, Count * 5).Select(i => i / 5 == i % 5 ? 1f : 0f)];
        mixing.Apply(Count, [row => images.AsSpan(row * 160, 160)], row => labels.AsSpan(row * 5, 5), image, Pcg32.For(1, 0, draw));
        return (images, labels);
    }
}
