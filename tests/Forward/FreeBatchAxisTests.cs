using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Losses;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Forward;

[TestClass]
public sealed class FreeBatchAxisTests
{
    private const int Examples = 3;

    public static IEnumerable<object[]> Cases =>
        from path in Directory.GetDirectories(TestData.Cases).Order(StringComparer.Ordinal)
        let name = Path.GetFileName(path)
        from batch in new[] { 1, 2, 4 }
        select new object[] { name, batch };

    /// <summary>
    /// Every reference model as torch.onnx.export without dynamic_axes writes it: the batch an extent, shape arithmetic folded to constants. Freed,
    /// it computes for another number of examples what the model with the open axis does.
    /// </summary>
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void FreedModels_ComputeWhatTheOpenOnesDo(string name, int batch)
    {
        using var folder = new TemporaryFolder();
        string open = Path.Combine(TestData.Case(name), "forward.onnx"), closed = Closed(name, batch, folder.File("fixed.onnx"));
        Assert.IsTrue(OnnxReader.Read(closed).Graph.Inputs[0].Shape![0].IsKnown);

        TrainingArtifacts freed = ForwardArtifacts.Build(closed, new() { Loss = new MseLoss() });
        string count = batch == 1 ? "1 example" : $"{batch} examples";
        Assert.Contains(
            $"The model was exported for batches of exactly {count}; nothing in it needs that, and it takes any number of examples here.",
            freed.Warnings.Select(warning => $"{warning}"));
        float[] expected = Run(ForwardArtifacts.Build(open, new() { Loss = new MseLoss() })), actual = Run(freed);
        Assert.HasCount(expected.Length, actual);
        double largest = expected.Max(MathF.Abs);
        // The same operations on the same numbers; the runtime may fuse the two graphs differently.
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-5 * largest, $"element {i}");
    }

    [TestMethod]
    public void AClassToken_IsExpandedToTheExamplesThatThereAre()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(1, 4, 2)), token = graph.AddInitializer("token", Tensor.Of<float>([1, 1, 2], 5, 6));
        using (OpBuilder op = graph.BuildAtEnd("layer")) graph.MarkOutput(op.Reshape(op.Concat(1, token, x), 1, 10));
        Assert.Contains("takes any number", $"{FreeBatchAxis.Apply(graph, ["x"])}");
        float[] made = new OrtGraphRunner().Run(new Model(graph) { IrVersion = 8 }, new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of([2, 4, 2], [.. Enumerable.Range(0, 16).Select(i => (float)i)]),
        })[graph.Outputs[0].Name].Span<float>().ToArray();
        CollectionAssert.AreEqual(new float[] { 5, 6, 0, 1, 2, 3, 4, 5, 6, 7, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15 }, made);
    }

    [TestMethod]
    public void ExamplesThatMeet_KeepTheirNumber()
    {
        // A constant for each of four examples; a reshape across them.
        Kept("'layer/Add' (Add, opset 17) mixes examples", (op, x) => x + op.Constant(Tensor.Of<float>([4, 1], 1, 2, 3, 4)));
        Kept("'layer/Reshape' (Reshape, opset 17) mixes examples", (op, x) => op.Reshape(op.Transpose(x, 1, 0), 4, 6));
        Kept("'layer/ReduceSum' (ReduceSum, opset 17) mixes examples", (op, x) => op.ReduceSum(x, [0], keepDims: true));

        static void Kept(string obstacle, Func<OpBuilder, Value, Value> make)
        {
            var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
            Value x = graph.AddInput("x", ElementType.Float, Shape.Of(4, 6));
            using (OpBuilder op = graph.BuildAtEnd("layer")) graph.MarkOutput(make(op, x));
            Assert.AreEqual(
                $"The model was exported for batches of exactly 4 examples, and {obstacle}: it is trained and run with so many. "
                + "For batches of any size export it with dynamic_axes={'x': {0: 'batch'}}.",
                $"{FreeBatchAxis.Apply(graph, ["x"])}");
            Assert.IsTrue(graph.Get("x").Shape![0].IsKnown, "it stays as it was");
        }
    }

    /// <summary>Two open axes may differ: that of the output need not be the one behind the batch of an input.</summary>
    [TestMethod]
    public void AnOpenAxisBesideTheBatch_KeepsTheNumber()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(2, Dim.Unknown)), scale = graph.AddInput("scale", ElementType.Float, Shape.Of(6));
        Value other = graph.AddInput("other", ElementType.Float, Shape.Of(2, Dim.Unknown, 6));
        using (OpBuilder op = graph.BuildAtEnd("layer")) graph.MarkOutput(op.Op("LayerNormalization", [other, scale, x]));
        Assert.Contains("'layer/LayerNormalization' (LayerNormalization, opset 17) mixes examples", $"{FreeBatchAxis.Apply(graph, ["x"])}");
    }

    /// <summary>What bug reports begin with: an export without dynamic_axes, trained with more than one example.</summary>
    [TestMethod]
    public void AFreedModel_Trains_AndItsRunGoesOn()
    {
        using var folder = new TemporaryFolder();
        string closed = Closed("lenet", 1, folder.File("fixed.onnx")), run = folder.File("run");
        string said = Verb.Run("train", closed, "--steps", "2", "--batch-size", "300", "--output", run);
        Assert.Contains("it takes any number of examples here", said);
        Assert.Contains("2,000 to test on; batch 300", said);
        Verb.Run("train", "--resume", run, "--steps", "3");
    }

    [TestMethod]
    public void AModelThatKeepsItsNumber_TrainsWithIt()
    {
        using var folder = new TemporaryFolder();
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(48, 1, 28, 28));
        Value weight = graph.AddInitializer("layer.weight", Tensor.Filled(ElementType.Float, [784, 10], 0.01));
        using (OpBuilder op = graph.BuildAtEnd("layer"))
        {
            Value rows = op.Reshape(x, 48, 784) + op.Constant(Tensor.Filled(ElementType.Float, [48, 1], 0));
            graph.MarkOutput(op.MatMul(rows, weight));
        }
        OnnxWriter.Write(new(graph) { IrVersion = 8 }, folder.File("fixed.onnx"));
        string said = Verb.Run("train", folder.File("fixed.onnx"), "--steps", "2", "--output", folder.File("run"), "--no-tract");
        Assert.Contains("The model takes batches of exactly 48: --batch-size 64 does not count.", said);
        Assert.Contains("fashion-mnist/train: 24 of 9,000 examples are too few for a batch of 48, and left out each time.", said);
        Assert.Contains("batch 48", said);
    }

    [TestMethod]
    public void AnOpenAxis_IsNotSpokenOf()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("n"), 6));
        using (OpBuilder op = graph.BuildAtEnd("layer")) graph.MarkOutput(op.Exp(x));
        Assert.IsNull(FreeBatchAxis.Apply(graph, ["x"]));
    }

    /// <summary>A reference model with its batch an extent.</summary>
    private static string Closed(string name, int batch, string path)
    {
        Model model = OnnxReader.Read(Path.Combine(TestData.Case(name), "forward.onnx"));
        string symbol = model.Graph.Inputs[0].Shape![0].Symbols!;
        ShapeInference.Bind(model.Graph, new Dictionary<string, long> { [symbol] = batch });
        foreach (Value input in model.Graph.Inputs) input.Declaration = null;
        FoldShapeArithmetic.Apply(model.Graph);
        RemoveUnusedNodes.Apply(model.Graph);
        OnnxWriter.Write(model, path);
        return path;
    }

    /// <summary>The prediction for random examples.</summary>
    private static float[] Run(TrainingArtifacts artifacts)
    {
        Dictionary<string, Tensor> parameters = artifacts.Parameters.ToDictionary();
        Model model = InferenceModel.From(artifacts.Evaluation, artifacts.Prediction, parameters.GetValueOrDefault);
        var random = new Random(1);
        Dictionary<string, Tensor> feeds = model.Graph.Inputs.ToDictionary(input => input.Name, input =>
        {
            long[] dims = [Examples, .. input.Shape!.Skip(1).Select(dim => dim.Value)];
            return Tensor.Of(dims, [.. Enumerable.Range(0, (int)dims.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)]);
        });
        return new OrtGraphRunner().Run(model, feeds)[artifacts.Prediction].Span<float>().ToArray();
    }
}
