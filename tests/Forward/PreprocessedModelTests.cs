using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrainingHost.Data;
using TrainingHost.Models;
using TrainingHost.Runtime;
using TrainingHost.Settings;

namespace TrActOnnx.Tests.Forward;

[TestClass]
public sealed class PreprocessedModelTests
{
    private static readonly Preprocessing Colours = new()
    {
        Channels = 3,
        Height = 2,
        Width = 4,
        Layout = InputLayout.ChannelsFirst,
        Scale = 1 / 255.0,
        Mean = [0.485, 0.456, 0.406],
        Std = [0.229, 0.224, 0.225],
        ClassNames = ["cat", "dog \"rex\""],
    };

    /// <summary>
    /// A real model and real images: raw bytes through the one are the softmax of the logits that normalized images give through the other.
    /// </summary>
    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.UInt8)]
    public void RawPixels_GiveThePlainModelsProbabilities(ElementType raw)
    {
        var model = TrainableModel.Open(Path.Combine(TestData.Case("lenet"), "forward.onnx"), new());
        var data = ModelData.Open(new DataChoice { Validation = 0 }, model, seed: 1);
        var batch = new Batch(data.Test!, 16);
        data.Test!.Fill([.. Enumerable.Range(0, 16)], batch);
        Model plain = Inference(model), whole = Reread(PreprocessedModel.Of(plain, data.Preprocessing!, OutputActivation.Softmax, raw));
        (double mean, double std) = (data.Preprocessing!.Mean[0], data.Preprocessing.Std[0]);
        // The bytes again, out of the normalized numbers.
        byte[] pixels = [.. batch.Inputs[0].Floats.Select(value => (byte)Math.Round(255 * ((value * std) + mean)))];
        Tensor bytes = raw == ElementType.UInt8 ? Tensor.Of([16, 1, 28, 28], pixels) : Tensor.Of([16, 1, 28, 28], [.. pixels.Select(p => (float)p)]);
        float[] logits = Run(plain, Tensor.Of([16, 1, 28, 28], batch.Inputs[0].Floats)), probabilities = Run(whole, bytes);
        for (int row = 0; row < 16; row++)
        {
            double[] exp = [.. logits.Skip(row * 10).Take(10).Select(logit => Math.Exp(logit))];
            // float32 through a network of four layers.
            for (int c = 0; c < 10; c++) Assert.AreEqual(exp[c] / exp.Sum(), probabilities[(row * 10) + c], 2e-5, $"image {row}, class {c}");
        }
        Assert.AreEqual(plain.Graph.Inputs[0].Name, whole.Graph.Inputs[0].Name);
        Assert.AreEqual(plain.Graph.Outputs[0].Name, whole.Graph.Outputs[0].Name);
        Assert.AreEqual(raw, whole.Graph.Inputs[0].Type);
        Assert.Contains("Ankle boot", whole.Metadata[Preprocessing.ClassesProperty]);
        Assert.AreEqual("inside", whole.Metadata[Preprocessing.PlaceProperty]);
    }

    /// <summary>(p/255 − mean)/std of each channel, wherever the model has it.</summary>
    [TestMethod]
    [DataRow(InputLayout.ChannelsFirst, new long[] { 3, 2, 4 })]
    [DataRow(InputLayout.ChannelsLast, new long[] { 2, 4, 3 })]
    [DataRow(InputLayout.Flat, new long[] { 24 })]
    public void EachLayout_GetsItsPixels(InputLayout layout, long[] dims)
    {
        Model model = PassingOn(dims);
        Model whole = Reread(PreprocessedModel.Of(model, Colours with { Layout = layout }, OutputActivation.None));
        float[] raw = [.. Enumerable.Range(0, 48).Select(i => (float)(i * 5))];
        float[] made = Run(whole, Tensor.Of([2, 3, 2, 4], raw));
        for (int i = 0; i < 48; i++)
        {
            int channel = i / 8 % 3, place = i % 8, image = i / 24 * 24;
            int at = layout == InputLayout.ChannelsLast ? image + (place * 3) + channel : i;
            Assert.AreEqual(((raw[i] / 255) - Colours.Mean[channel]) / Colours.Std[channel], made[at], 1e-5, $"element {i}");
        }
    }

    [TestMethod]
    public void Columns_AreNormalizedInPlace()
    {
        Preprocessing table = Colours with { Layout = InputLayout.Columns, Scale = 1, Height = 1, Width = 1, Columns = ["a", "b", "c"] };
        float[] made = Run(PreprocessedModel.Of(PassingOn([3]), table, OutputActivation.None), Tensor.Of([1, 3], 1f, 2f, 3f));
        Assert.AreEqual((2 - 0.456) / 0.224, made[1], 1e-5);
    }

    [TestMethod]
    public void Json_ComesBackAsItWas()
    {
        Preprocessing read = Preprocessing.FromJson(Colours.ToJson(), "x");
        Assert.AreEqual(Colours.ToJson(), read.ToJson());
        CollectionAssert.AreEqual(Colours.Mean.ToArray(), read.Mean.ToArray());
        Assert.Contains("\"layout\": \"ChannelsFirst\"", Colours.ToJson());
        foreach (string wrong in new[] { "", "{}", Colours.ToJson().Replace("0.456,", "", StringComparison.Ordinal), "null" })
        {
            Assert.StartsWith("x: is no preprocessing as train writes it",
                Assert.ThrowsExactly<GraphRewriteException>(() => Preprocessing.FromJson(wrong, "x")).Message);
        }
    }

    [TestMethod]
    public void WhatHasIt_IsNotGivenItTwice()
    {
        Model once = PreprocessedModel.Of(PassingOn([3, 2, 4]), Colours, OutputActivation.None);
        Assert.Contains("has its preprocessing inside already",
            Assert.ThrowsExactly<GraphRewriteException>(() => PreprocessedModel.Of(once, Colours, OutputActivation.None)).Message);
        Model described = PreprocessedModel.Described(PassingOn([3, 2, 4]), Colours);
        Assert.AreEqual(Colours.ToJson(), Preprocessing.FromJson(described.Metadata[Preprocessing.Property], "x").ToJson());
        Assert.IsFalse(described.Metadata.ContainsKey(Preprocessing.PlaceProperty));
    }

    /// <summary>y = x + 0, of examples of these dimensions.</summary>
    private static Model PassingOn(long[] dims)
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, new([Dim.Symbol("batch"), .. dims.Select(dim => (Dim)dim)]));
        using (OpBuilder op = graph.BuildAtEnd("layer")) graph.MarkOutput(x + op.Constant(Tensor.Scalar(0f)));
        return new(graph) { IrVersion = 8 };
    }

    private static Model Inference(TrainableModel model) =>
        InferenceModel.From(model.Evaluation, model.Prediction, name => model.Initial.GetValueOrDefault(name));

    private static Model Reread(Model model)
    {
        using var folder = new TemporaryFolder();
        OnnxWriter.Write(model, folder.File("m.onnx"));
        return OnnxReader.Read(folder.File("m.onnx"));
    }

    private static float[] Run(Model model, Tensor input) => new OrtGraphRunner()
        .Run(model, new Dictionary<string, Tensor> { [model.Graph.Inputs[0].Name] = input })[model.Graph.Outputs[0].Name].Span<float>().ToArray();
}
