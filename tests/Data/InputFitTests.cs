using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using TrainingHost.Data;

namespace TrActOnnx.Tests.Data;

[TestClass]
public sealed class InputFitTests
{
    private static readonly Dim Batch = Dim.Symbol("batch");
    private static readonly ExampleTensor Image = new("images", ElementType.Float, [1, 28, 28]);

    [TestMethod]
    public void EachKindOfInput_IsSaidInASentence()
    {
        Says("The data's examples are [1, 28, 28] as 'x' takes them.", [1, 28, 28], 1, 28, 28);
        Says("The data's examples are [1, 28, 28]: reshaped to fit 'x' [784].", [784], 784);
        Says("The data's examples are [1, 28, 28]: reshaped to fit 'x' [28, 28].", [28, 28], 28, 28);
        Says("The data's examples are [1, 28, 28]: reshaped to fit 'x' [28, 28, 1].", [28, 28, 1], 28, 28, 1);
        Says("The data's examples are [1, 28, 28]: reshaped to fit 'x' [784, 1, 1].", [784, 1, 1], 784, 1, 1);
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times to fit 'x' [3, 28, 28].", [3, 28, 28], 3, 28, 28);
        Says("The data's examples are [1, 28, 28]: padded with black to fit 'x' [1, 32, 32].", [1, 32, 32], 1, 32, 32);
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times and resized bilinearly to fit 'x' [3, 224, 224].",
            [3, 224, 224], 3, 224, 224);
        Says("The data's examples are [1, 28, 28]: resized bilinearly to fit 'x' [1, 14, 56].", [1, 14, 56], 1, 14, 56);
    }

    [TestMethod]
    public void SymbolicExtents_TakeTheImages()
    {
        Says("The data's examples are [1, 28, 28]: channel repeated 3 times to fit 'x' [3, 28, 28].", [3, 28, 28], 3, Dim.Symbol("h"), Dim.Unknown);
        Says("The data's examples are [1, 28, 28]: reshaped to fit 'x' [7, 112].", [7, 112], 7, Dim.Symbol("t"));
    }

    [TestMethod]
    public void WhatCannotFit_IsRefused()
    {
        Refuses("Input 'x' Float[batch, 65, 64]: the data's examples are [1, 28, 28], which neither resizing nor reshaping " +
            "fits to it. Give other data (--data), or --data synthetic.", ElementType.Float, Shape.Of(Batch, 65, 64));
        Refuses("Input 'x' Int64[batch, 784]: takes Int64, the data brings pixels. Train this model with --data synthetic.",
            ElementType.Int64, Shape.Of(Batch, 784));
        Refuses("Input 'x' Float[batch]: has no axis but the batch. The data's examples are [1, 28, 28].", ElementType.Float, Shape.Of(Batch));

        static void Refuses(string message, ElementType type, Shape shape) =>
            Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => InputFit.To("x", type, shape, Image)).Message);
    }

    [TestMethod]
    public void Colours_AreNotMadeGrey() => Assert.ThrowsExactly<GraphRewriteException>(
        () => InputFit.To("x", ElementType.Float, Shape.Of(Batch, 1, 32, 32), new("images", ElementType.Float, [3, 32, 32])));

    /// <summary>
    /// PyTorch 1.13: torch.nn.functional.interpolate(arange(12).reshape(1, 1, 3, 4) ** 1.5, size, mode="bilinear", align_corners=False).
    /// </summary>
    [TestMethod]
    [DataRow(5, 6, new[]
    {
        0.0, 0.5, 1.30473792552948, 2.5236892700195312, 4.012290000915527, 5.196152210235596,
        3.200000286102295, 4.136068344116211, 5.489418983459473, 7.1585493087768555,
        9.050814628601074, 10.525795936584473, 8.000000953674316, 9.590170860290527,
        11.766440391540527, 14.11083984375, 16.608600616455078, 18.520261764526367,
        16.776451110839844, 18.724294662475586, 21.368854522705078, 24.155725479125977,
        27.075136184692383, 29.297828674316406, 22.627416610717773, 24.813709259033203,
        27.770462036132812, 30.852313995361328, 34.052825927734375, 36.482872009277344,
    })]
    [DataRow(2, 3, new[] { 2.257514238357544, 4.6703200340271, 8.071908950805664, 19.64965057373047, 25.21820068359375, 31.225400924682617 })]
    public void Bilinear_IsPyTorchs(int height, int width, double[] expected)
    {
        float[] image = [.. Enumerable.Range(0, 12).Select(i => MathF.Pow(i, 1.5f))];
        InputFit fit = InputFit.To("x", ElementType.Float, Shape.Of(Batch, 3, height, width), new("images", ElementType.Float, [1, 3, 4]));
        var fitted = new float[3 * height * width];
        fit.Apply(image, fitted, 0);
        for (int i = 0; i < fitted.Length; i++) Assert.AreEqual(expected[i % expected.Length], fitted[i], 1e-5, $"element {i}");
    }

    [TestMethod]
    public void Padding_IsBlackOnAllSides()
    {
        InputFit fit = InputFit.To("x", ElementType.Float, Shape.Of(Batch, 2, 5, 6), new("images", ElementType.Float, [1, 4, 5]));
        float[] image = [.. Enumerable.Range(1, 20).Select(i => (float)i)];
        var fitted = new float[2 * 5 * 6];
        fit.Apply(image, fitted, -7);
        // One row and one column more: they go to the bottom and the right.
        float[] plane = [.. image.Chunk(5).SelectMany(row => row.Append(-7f)), .. Enumerable.Repeat(-7f, 6)];
        CollectionAssert.AreEqual(new[] { plane, plane }.SelectMany(p => p).ToArray(), fitted);
    }

    [TestMethod]
    public void FittedDataset_FillsRowsInTheModelsShape()
    {
        IdxDataset numbered = IdxBytes.Numbered(5, height: 4, width: 4);
        var fitted = new FittedDataset(numbered, "x", InputFit.To("x", ElementType.Float, Shape.Of(Batch, 3, 5, 5), numbered.Inputs[0]));
        var batch = new Batch(fitted, 2);
        fitted.Fill([4, 2], batch);
        Assert.AreEqual("x", fitted.Inputs[0].Name);
        CollectionAssert.AreEqual(new long[] { 4, 2 }, batch.Labels.Integers);
        Assert.AreEqual(4f, batch.Inputs[0].FloatsOf(0)[0], 1e-5f);
        Assert.AreEqual(2f, batch.Inputs[0].FloatsOf(1)[50], 1e-5f);
    }

    private static void Says(string sentence, long[] dims, params Dim[] model)
    {
        InputFit fit = InputFit.To("x", ElementType.Float, new Shape([Batch, .. model]), Image);
        Assert.AreEqual(sentence, fit.Description);
        CollectionAssert.AreEqual(dims, fit.Dims.ToArray());
    }
}
