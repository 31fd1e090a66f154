using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrActOnnx.Tests.Data;
using TrainingHost.Models;

namespace TrActOnnx.Tests.Models;

[TestClass]
public sealed class DataSizesTests
{
    private static readonly Dim Batch = Dim.Symbol("batch"), Height = Dim.Symbol("height"), Width = Dim.Symbol("width");

    [TestMethod]
    public void ThoseOfTheImages() =>
        AreEqual(new() { ["height"] = 28, ["width"] = 28 }, DataSizes.Of(new(), Inputs(Shape.Of(Batch, 1, Height, Width))));

    [TestMethod]
    public void ThoseThatAreAskedFor() =>
        AreEqual(new() { ["height"] = 20, ["width"] = 24 }, DataSizes.Of(new() { ImageSize = (20, 24) }, Inputs(Shape.Of(Batch, 1, Height, Width))));

    [TestMethod]
    public void ThoseOfArrays()
    {
        string data = $"{ImageTruth.File("float.npy")},{ImageTruth.File("long.npy")}"; // [3, 4] and [3]
        AreEqual(new() { ["features"] = 4 }, DataSizes.Of(new() { Data = data }, Inputs(Shape.Of(Batch, Dim.Symbol("features")))));
    }

    [TestMethod]
    public void NoneWhereNothingIsOpen_OrMade()
    {
        AreEqual([], DataSizes.Of(new() { Data = "no such file" }, Inputs(Shape.Of(Batch, 1, 28, 28))));
        AreEqual([], DataSizes.Of(new() { Data = "synthetic" }, Inputs(Shape.Of(Batch, 1, Height, Width))));
    }

    /// <summary>Resize needs the extents of its input for its gradient: a model of any size trains on images of one.</summary>
    [TestMethod]
    public void AModelOfAnySizeTrains()
    {
        using var folder = new TemporaryFolder();
        string model = folder.File("model.onnx"), run = folder.File("run");
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using OpBuilder op = graph.BuildAtEnd("layer");
        Value Weight(string name, params long[] dims) => graph.AddInitializer(
            name, Tensor.Of(dims, [.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(i => MathF.Sin(i) / 4)]));
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Batch, 1, Height, Width));
        Value convolved = op.Op("Relu", [op.Op("Conv", [x, Weight("conv.weight", 4, 1, 3, 3)])]);
        Value twice = op.Op("Resize", [convolved, null, op.Constant(Tensor.Vector([1f, 1f, 2f, 2f]))], ("mode", "linear"));
        Value flat = op.Op("Flatten", [op.Op("GlobalAveragePool", [op.Op("Conv", [twice, Weight("conv2.weight", 8, 4, 3, 3)])])]);
        graph.MarkOutput(op.MatMul(flat, Weight("fc.weight", 8, 10)));
        OnnxWriter.Write(new Model(graph), model);

        Assert.Contains("--size", Verb.Fail("artifacts", model, "--output", folder.File("artifacts")));
        string said = Verb.Run("train", model, "--steps", "2", "--batch-size", "8", "--output", run);
        Assert.Contains("The model leaves height = 28, width = 28 open: as the data is (--size).", said);
    }

    private static Value[] Inputs(Shape shape)
    {
        var graph = new Graph("model", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        return [graph.AddInput("x", ElementType.Float, shape)];
    }

    private static void AreEqual(Dictionary<string, long> expected, Dictionary<string, long> sizes) =>
        CollectionAssert.AreEquivalent(expected.ToArray(), sizes.ToArray());
}
