using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data.Images;

namespace TrActOnnx.Tests.Data.Images;

[TestClass]
public sealed class ImageFitTests
{
    private static readonly Dim Batch = Dim.Symbol("batch");
    private static readonly ImageSize Grey = new(1, 28, 28), Colour = new(3, 32, 32);

    [TestMethod]
    public void EachKindOfInput_IsSaidInASentence()
    {
        Says("The data's examples are [1, 28, 28] as 'x' takes them.", Grey, [1, 28, 28], 1, 28, 28);
        Says("The data's examples are [1, 28, 28]: laid out as one row, plane after plane to fit 'x' [784].", Grey, [784], 784);
        Says("The data's examples are [1, 28, 28] as 'x' takes them.", Grey, [28, 28], 28, 28);
        Says("The data's examples are [1, 28, 28]: laid out by rows of pixels (HWC) to fit 'x' [28, 28, 1].", Grey, [28, 28, 1], 28, 28, 1);
        Says("The data's examples are [1, 28, 28]: laid out as one row, plane after plane to fit 'x' [784, 1, 1].", Grey, [784, 1, 1], 784, 1, 1);
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times to fit 'x' [3, 28, 28].", Grey, [3, 28, 28], 3, 28, 28);
        Says("The data's examples are [1, 28, 28]: padded with black to fit 'x' [1, 32, 32].", Grey, [1, 32, 32], 1, 32, 32);
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times, resized bilinearly to fit 'x' [3, 224, 224].",
            Grey, [3, 224, 224], 3, 224, 224);
        Says("The data's examples are [1, 28, 28]: centre cropped to 7 x 28 and resized to fit 'x' [1, 14, 56].", Grey, [1, 14, 56], 1, 14, 56);
        Says("The data's examples are [3, 32, 32]: made grey, resized bilinearly, laid out as one row, plane after plane to fit 'x' [784].",
            Colour, [784], 784);
        Says("The data's examples are [3, 32, 32]: laid out by rows of pixels (HWC) to fit 'x' [32, 32, 3].", Colour, [32, 32, 3], 32, 32, 3);
        Says("The data's examples are [784]: taken as channel planes of 'x' [1, 28, 28].", new(1, 1, 784), [1, 28, 28], 1, 28, 28);
        Says("The data's images differ in size: the largest centred part is resized to 64 x 48, in colour for 'x' [3, 64, 48].",
            null, [3, 64, 48], 3, 64, 48);
    }

    [TestMethod]
    public void SymbolicExtents_TakeTheImages()
    {
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times to fit 'x' [3, 28, 28].",
            Grey, [3, 28, 28], 3, Dim.Symbol("h"), Dim.Unknown);
        Says("The data's images differ in size: the largest centred part is resized to 224 x 224, in colour for 'x' [3, 224, 224].",
            null, [3, 224, 224], 3, Dim.Symbol("h"), Dim.Unknown);
        ImageTarget asked = ImageTarget.Of("x", ElementType.Float, Shape.Of(Batch, 3, Dim.Unknown, Dim.Unknown), null, (96, 64));
        Assert.AreEqual(new ImageSize(3, 96, 64), asked.Size);
    }

    [TestMethod]
    public void WhatCannotFit_IsRefused()
    {
        Refuses("Input 'x' Float[batch, 2, 3, 4, 5]: is no image: [C, H, W], [H, W, C], [H, W] or [F]. Give the data as .npy files.",
            ElementType.Float, Shape.Of(Batch, 2, 3, 4, 5));
        Refuses("Input 'x' Int64[batch, 784]: takes Int64, the data brings pixels. Train this model with --data synthetic.",
            ElementType.Int64, Shape.Of(Batch, 784));
        Refuses("Input 'x' Float[batch]: has no axis but the batch, and no room for an image.", ElementType.Float, Shape.Of(Batch));
        Refuses("Input 'x' Float[batch, 785]: 785 elements are no square image in grey or in colour, nor the data's [1, 28, 28]. "
            + "Give --image-size HEIGHTxWIDTH, or other data.", ElementType.Float, Shape.Of(Batch, 785));
        Refuses("The data's images are [1, 28, 28], and 'x' takes 7 channels: grey, colour and alpha can be made of each other, other channels not. "
            + "Give data with the model's channels.", ElementType.Float, Shape.Of(Batch, 7, 28, 28), new(5, 28, 28));

        static void Refuses(string message, ElementType type, Shape shape, ImageSize? data = null) => Assert.AreEqual(
            message.Replace("[1, 28, 28], and", $"{data ?? Grey}, and", StringComparison.Ordinal),
            Assert.ThrowsExactly<GraphRewriteException>(
                () => new ImageFit("x", ImageTarget.Of("x", type, shape, data ?? Grey), data ?? Grey)).Message);
    }

    /// <summary>HWC data in a CHW model: red, green and blue go where they belong, not where their bytes happen to lie.</summary>
    [TestMethod]
    public void Channels_GoByMeaning()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]; // 2 x 2 pixels of red, green, blue
        CollectionAssert.AreEqual(new byte[] { 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12 }, Fitted(pixels, new(3, 2, 2), 3, 2, 2));
        // ITU-R 601, rounded: 0.299·1 + 0.587·2 + 0.114·3 = 1.815
        CollectionAssert.AreEqual(new byte[] { 2, 5, 8, 11 }, Fitted(pixels, new(3, 2, 2), 1, 2, 2));
        CollectionAssert.AreEqual(new byte[] { 9, 8, 9, 8, 9, 8 }, Fitted([9, 8], new(1, 1, 2), 3, 1, 2));
    }

    [TestMethod]
    public void Grey_IsPillows() => CollectionAssert.AreEqual(
        ImageTruth.Bytes(ImageTruth.Root.GetProperty("grey")),
        Fitted(ImageTruth.Pixels, ImageTruth.Size, 1, ImageTruth.Size.Height, ImageTruth.Size.Width));

    [TestMethod]
    public void Padding_IsBlackOnAllSides()
    {
        byte[] image = [.. Enumerable.Range(1, 20).Select(i => (byte)i)];
        // One row and one column more: they go to the bottom and the right.
        byte[] plane = [.. image.Chunk(5).SelectMany(row => row.Append((byte)0)), .. new byte[6]];
        CollectionAssert.AreEqual(new[] { plane, plane }.SelectMany(p => p).ToArray(), Fitted(image, new(1, 4, 5), 2, 5, 6));
    }

    [TestMethod]
    public void OtherProportions_AreCutAroundTheCentre()
    {
        byte[] wide = [.. Enumerable.Range(0, 4 * 8).Select(i => (byte)(i % 8 * 10))];
        // Columns 2 to 5 of 8, halved: the triangle filter over 4 columns weighs 1, 3, 3, 1.
        byte[] square = Fitted(wide, new(1, 4, 8), 1, 2, 2);
        Assert.AreEqual(square[0], square[2]);
        Assert.AreEqual(25.0, square[0], 0.51);
        Assert.AreEqual(45.0, square[1], 0.51);
    }

    private static byte[] Fitted(byte[] pixels, ImageSize size, params Dim[] model)
    {
        var fit = new ImageFit("x", ImageTarget.Of("x", ElementType.Float, new Shape([Batch, .. model]), size), size);
        var planes = new byte[fit.Length];
        fit.Apply(new(pixels, size), planes);
        return planes;
    }

    private static void Says(string sentence, ImageSize? data, long[] dims, params Dim[] model)
    {
        var fit = new ImageFit("x", ImageTarget.Of("x", ElementType.Float, new Shape([Batch, .. model]), data), data);
        Assert.AreEqual(sentence, fit.Description);
        CollectionAssert.AreEqual(dims, fit.Target.Dims.ToArray());
    }
}
