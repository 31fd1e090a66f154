using GraphRewrite.Artifacts;
using GraphRewrite.Diagnostics;
using GraphRewrite.Gradients;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.Optimizers;
using GraphRewrite.StepGraphs;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Models that only damage makes, found by a million mutations (docs/fuzzing.md): each is refused in words.</summary>
[TestClass]
public sealed class MalformedModelTests
{
    [TestMethod]
    public void WhatIsTrainedMeetsAnInputWithoutGradient() => Refused(
        "what is trained reaches its input 1, 'w', which has no gradient",
        (op, x, w) => op.Op("Squeeze", [x, w]));

    [TestMethod]
    public void PermIsNoPermutation() => Refused(
        "its perm [0, 2] is no permutation",
        (op, x, w) =>
        {
            w.Shape = null; // else the shape rule says so before
            return op.Op("Transpose", [w], ("perm", new long[] { 0, 2 }));
        });

    [TestMethod]
    public void ConcatHasNoInput()
    {
        Graph graph = New();
        Node node = graph.AddNode("Concat", "c", [null, null]);
        node.SetOutput(0, graph.NewValue("y", ElementType.Float, null));
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => ShapeInference.Apply(graph)).Message, "it has no inputs");
    }

    [TestMethod]
    [DataRow(0L)]
    [DataRow(3L)]
    public void OutputsAreNotThatManyGroups(long groups) =>
        StringAssert.Contains(Lowered(Convolution(Shape.Of(4, 2, 1, 1), groups)), $"its 4 outputs are not {groups} groups");

    [TestMethod]
    public void AWindowHasMoreAxesThanTheInput() =>
        StringAssert.Contains(Lowered(Convolution(Shape.Of(4, 2, 1, 1, 1), 1)), "its window has 3 axes, its input 2");

    [TestMethod]
    public void NormalizationHasAnAxisThatThereIsNot()
    {
        Graph graph = New();
        Value[] inputs = [.. new[] { "dY", "x", "scale", "mean", "r" }.Select(name => graph.AddInput(name, ElementType.Float, Shape.Of(2, 3)))];
        using (OpBuilder op = graph.BuildAtEnd("test"))
            graph.MarkOutput(op.Ops("com.microsoft::LayerNormalizationGrad", inputs, 3, ("axis", -7))[0]!);
        StringAssert.Contains(Lowered(graph), "there is no axis -7 among 2");
    }

    [TestMethod]
    public void ArtifactsWithoutALoss()
    {
        using TemporaryFolder folder = Damaged(graph =>
        {
            while (graph.Outputs.Count > 0) graph.UnmarkOutput(graph.Outputs[0]);
        });
        StringAssert.Contains(
            Assert.ThrowsExactly<GraphRewriteException>(() => TrainingArtifacts.Read(folder.Path)).Message, "the training model has no output");
    }

    /// <summary>What an accumulator makes and takes goes with it, where nothing else has it.</summary>
    [TestMethod]
    public void AnAccumulatorsOutputListedTwiceGoes() => Built(graph => graph.MarkOutput(Accumulator(graph).Out(0)));

    [TestMethod]
    public void TheResetInputThatIsAnOutputStays() => Built(graph => graph.MarkOutput(graph.Get(GradientNames.Reset)));

    [TestMethod]
    public void AnAccumulatorsOutputIsUsed() => StringAssert.Contains(
        Assert.ThrowsExactly<GraphRewriteException>(() => Built(graph =>
        {
            Value flag = Accumulator(graph).Out(0);
            using OpBuilder op = graph.BuildAtEnd("test");
            graph.MarkOutput(op.Op("Not", [flag]));
        })).Message,
        "is used within the graph");

    private static Graph Convolution(Shape weight, long groups)
    {
        Graph graph = New();
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(1, 4, 3, 3)), x = graph.AddInput("x", ElementType.Float, Shape.Of(1, 2, 3, 3));
        Value w = graph.AddInput("w", ElementType.Float, weight);
        using OpBuilder op = graph.BuildAtEnd("test");
        graph.MarkOutput(op.Ops("com.microsoft::ConvGrad", [dY, x, w], 2, ("group", groups))[1]);
        return graph;
    }

    private static Node Accumulator(Graph graph) => graph.Nodes.First(node => node.Op == "com.microsoft::InPlaceAccumulatorV2");

    private static void Built(Action<Graph> damage)
    {
        using TemporaryFolder folder = Damaged(damage);
        var artifacts = TrainingArtifacts.Read(folder.Path);
        StepGraph step = StepGraphBuilder.Build(artifacts.Training, artifacts.Prediction, new() { Optimizer = new SgdSettings() });
        Assert.IsFalse(step.Model.Graph.Nodes.Any(node => node.Op == "com.microsoft::InPlaceAccumulatorV2"));
    }

    private static TemporaryFolder Damaged(Action<Graph> damage)
    {
        TemporaryFolder folder = TemporaryFolder.CopyOf(TestData.Case("mlp"));
        string path = folder.File(ArtifactFiles.Training);
        Model model = GraphRewrite.Serialization.OnnxReader.Read(path);
        damage(model.Graph);
        GraphRewrite.Serialization.OnnxWriter.Write(model, path);
        return folder;
    }

    private static void Refused(string expected, Func<OpBuilder, Value, Value, Value> make)
    {
        Graph graph = New();
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(1, 3)), w = graph.AddInput("w", ElementType.Float, Shape.Of(1));
        using OpBuilder op = graph.BuildAtEnd("test");
        Value loss = op.Op("ReduceSum", [make(op, x, w)], ("keepdims", false));
        StringAssert.Contains(Assert.ThrowsExactly<GraphRewriteException>(() => ReverseMode.AppendGradients(graph, loss, [w])).Message, expected);
    }

    private static string Lowered(Graph graph) =>
        Assert.ThrowsExactly<GraphRewriteException>(() => LowerTrainingOps.Apply(graph, LoweringTarget.Cpu)).Message;

    private static Graph New() => new("g", new Dictionary<string, long> { [OpId.Onnx] = 17, ["com.microsoft"] = 1 });
}
