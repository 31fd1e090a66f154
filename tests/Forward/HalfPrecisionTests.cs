using System.Text.Json;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Models;

namespace TrActOnnx.Tests.Forward;

/// <summary>
/// Models of half precision, as model.half() exports them: they train as the same model in float32 does, and come out in their own type.
/// </summary>
[TestClass]
public sealed class HalfPrecisionTests
{
    private static readonly float[] Weights = [.. Enumerable.Range(0, 12).Select(i => (i - 5) / 8f)]; // exact in both types

    [TestMethod]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.BFloat16)]
    public void TrainsInFloatAndIsExportedInItsOwnType(ElementType type)
    {
        using var folder = new TemporaryFolder();
        string half = Write(folder, type), single = Write(folder, ElementType.Float), run = folder.File("run");
        OrderedDictionary<string, Tensor> fromHalf = Trace(folder, half), fromSingle = Trace(folder, single);
        foreach (string name in new[] { "losses", "grad/layer.weight", "after/layer.weight" })
            CollectionAssert.AreEqual(fromSingle[name].ToDouble(), fromHalf[name].ToDouble(), name);
        Assert.AreEqual(ElementType.Float, fromHalf["after/layer.weight"].Type);
        Assert.Contains($"1 tensor of the model is {type}: trained in Float, exported in {type} again", Verb.Run("inspect", half));

        Verb.Run("train", half, "--data", "synthetic", "--steps", "2", "--batch-size", "4", "--lr", "0.1", "--no-tract", "--output", run);
        Verb.Run("export", run, "--output", folder.File("again.onnx"));
        foreach (string file in new[] { Path.Combine(run, "model.onnx"), folder.File("again.onnx") })
        {
            Graph exported = OnnxReader.Read(file).Graph;
            Assert.AreEqual(type, exported.Inputs.Single(input => input.Name == "x").Type);
            Assert.AreEqual(type, exported.Get("layer.weight").Type);
            Assert.AreEqual(type, exported.Outputs.Single().Type);
            Assert.AreEqual(ElementType.Float, exported.Nodes.Single(node => node.Op == "Softmax").Out(0).Type, "what was Float stays");
            Assert.AreNotEqual((double)Weights[0], exported.Get("layer.weight").Initializer!.ToDouble()[0], "it was trained");
            if (type == ElementType.Float16) new TrainingHost.Runtime.OrtGraphRunner().Run(
                OnnxReader.Read(file), new Dictionary<string, Tensor> { ["x"] = new(type, [2, 4], new byte[16]) });
        }
    }

    /// <summary>Pixels and probabilities are Float; what lies between is of the model's own type, and says what the training's evaluation says.</summary>
    [TestMethod]
    public void WithPreprocessingInsideItTakesAndGivesFloat()
    {
        using var folder = new TemporaryFolder();
        string model = Images(folder), run = folder.File("run");
        Verb.Run("train", model, "--steps", "40", "--lr", "0.01", "--no-tract", "--output", run);
        Verb.Run("export", run, "--output", folder.File("again.onnx"));
        using var json = JsonDocument.Parse(Verb.Run("evaluate", run, "--json"));
        double accuracy = json.RootElement.GetProperty("top1").GetDouble();
        Assert.IsGreaterThan(0.4, accuracy, "it has learned something, or there is nothing to compare");
        foreach (string file in new[] { Path.Combine(run, "model.onnx"), folder.File("again.onnx") })
        {
            Graph exported = OnnxReader.Read(file).Graph;
            Assert.AreEqual(ElementType.Float, exported.Inputs.Single().Type);
            Assert.AreEqual(ElementType.Float16, exported.Get("layer.weight").Type);
            Assert.AreEqual(ElementType.Float, exported.Outputs.Single().Type);
            Assert.AreEqual(accuracy, ExportedAccuracy.OfRawTestImages(file, run), 0.005, "weights rounded to 11 bits turn a few of 2,000 images");
        }
    }

    /// <summary>y = Flatten(x) W of 28 x 28 pixels.</summary>
    private static string Images(TemporaryFolder folder)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using (OpBuilder op = graph.BuildAtEnd("layer"))
        {
            Value x = graph.AddInput("x", ElementType.Float16, Shape.Of(Dim.Symbol("batch"), 1, 28, 28));
            Value w = graph.AddInitializer("layer.weight", Of(ElementType.Float16, [784, 10], new float[7840]));
            graph.MarkOutput(op.MatMul(op.Op("Flatten", [x]), w));
        }
        string path = folder.File("images.onnx");
        OnnxWriter.Write(new Model(graph), path);
        return path;
    }

    /// <summary>y = Cast(Softmax(Cast(x W, Float)), half) + 1/2, a constant of the type.</summary>
    private static string Write(TemporaryFolder folder, ElementType type)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using (OpBuilder op = graph.BuildAtEnd("layer"))
        {
            Value x = graph.AddInput("x", type, Shape.Of(Dim.Symbol("batch"), 4));
            Value w = graph.AddInitializer("layer.weight", Of(type, [4, 3], Weights));
            Value softened = op.Op("Softmax", [op.Cast(op.MatMul(x, w), ElementType.Float)], ("axis", -1));
            Value y = op.Cast(softened, type) + op.Op("Constant", [], ("value", Of(type, [], [0.5f])));
            graph.Rename(y, "y");
            graph.MarkOutput(y);
        }
        string path = folder.File($"{type}.onnx");
        OnnxWriter.Write(new Model(graph), path);
        return path;
    }

    private static Tensor Of(ElementType type, long[] dims, float[] values) => type switch
    {
        ElementType.Float16 => Tensor.Of(dims, Array.ConvertAll(values, x => (Half)x)),
        ElementType.BFloat16 => new(type, dims, values.SelectMany(x => BitConverter.GetBytes(x)[2..]).ToArray()),
        _ => Tensor.Of(dims, values),
    };

    private static OrderedDictionary<string, Tensor> Trace(TemporaryFolder folder, string model)
    {
        string batches = folder.File("batches.onnx"), trace = folder.File("trace.onnx");
        TensorFile.Write(batches, [
            new("batch0/input0", Tensor.Of([2, 4], 0.5f, -1, 0.25f, 2, 1, 0, -0.5f, 1.5f)), new("batch0/labels", Tensor.Vector(0L, 2L))]);
        Verb.Run("trace", model, "--batches", batches, "--output", trace, "--no-tract", "--optimizer", "sgd", "--lr", "0.1");
        return TensorFile.Read(trace);
    }
}
