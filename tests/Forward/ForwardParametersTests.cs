using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Serialization;
using TrActOnnx.Tests.Commands;

namespace TrActOnnx.Tests.Forward;

/// <summary>What of a model is trained, held against the PyTorch modules in tools/make-damaged-exports.py.</summary>
[TestClass]
public sealed class ForwardParametersTests
{
    [TestMethod]
    public void BuffersAndLiftedTensorsAreConstants()
    {
        ForwardParameters found = Find("dynamo-buffers");
        AssertNames(found.Parameters, "a.weight", "a.bias", "b.bias", "scale", "head.weight", "head.bias");
        Assert.IsEmpty(found.Statistics);
        Assert.IsEmpty(found.WithoutValue);
    }

    [TestMethod]
    [DataRow("sgd")]
    [DataRow("adamw")]
    public void AScalarParameterIsTrained(string optimizer)
    {
        using var folder = new TemporaryFolder();
        string batch = folder.File("batch.onnx"), trace = folder.File("trace.onnx");
        float[] x = [.. Enumerable.Range(0, 32).Select(i => MathF.Sin(i))];
        OrderedDictionary<string, Tensor> tensors = new()
        {
            ["batch0/input0"] = Tensor.Of([4, 8], x),
            ["batch0/labels"] = Tensor.Vector(0L, 1L, 2L, 3L),
        };
        TensorFile.Write(batch, tensors);
        Verb.Run("trace", TestData.Export("dynamo-buffers"), "--batches", batch, "--output", trace, "--optimizer", optimizer);
        Tensor scale = TensorFile.Read(trace)["after/scale"];
        Assert.IsEmpty(scale.Dims);
        Assert.AreNotEqual(1.5f, scale.Span<float>()[0]);
    }

    [TestMethod]
    public void AFoldedTokenIsNoParameterATransposedWeightIs() => AssertNames(
        Find("dynamo-tokens").Parameters,
        "val_10", "embed.bias", "n1.weight", "n1.bias", "val_14", "a.bias", "val_18", "b.bias", "head.weight", "head.bias");

    [TestMethod]
    public void WeightsWithoutValuesBesideAStaticBatch()
    {
        ForwardParameters found = Find("torchscript-without-values");
        AssertNames(found.Parameters, "cls", "embed.weight", "embed.bias", "head.weight", "head.bias",
            "n1.weight", "n1.bias", "a.weight", "a.bias", "n2.weight", "n2.bias", "b.weight", "b.bias");
        AssertNames(found.WithoutValue, [.. found.Parameters]);
    }

    [TestMethod]
    public void InputsOfAModelWithValuesStayInputs()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x.1", ElementType.Float, Shape.Of(4, 3)), other = graph.AddInput("x.3", ElementType.Float, Shape.Of(4, 3));
        Value scale = graph.AddInitializer("scale", Tensor.Vector(1f, 2f, 3f));
        using (OpBuilder op = graph.BuildAtEnd("f")) graph.MarkOutput((x + other) * scale);
        ForwardParameters found = ForwardParameters.Find(graph);
        AssertNames(found.Parameters, "scale");
        Assert.IsEmpty(found.WithoutValue);
    }

    [TestMethod]
    public void NumbersThatSteerOperatorsAreConstants()
    {
        var graph = new Graph("g", new Dictionary<string, long> { [""] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 1, 4, 4));
        Value scales = graph.AddInitializer("scales", Tensor.Vector(1f, 1f, 2f, 2f)), half = graph.AddInitializer("onnx::Mul_7", Tensor.Scalar(0.5f));
        using (OpBuilder op = graph.BuildAtEnd("f")) graph.MarkOutput(op.Op("Resize", [x, null, scales]) * half);
        Assert.IsEmpty(ForwardParameters.Find(graph).Parameters);
    }

    private static ForwardParameters Find(string export) => ForwardParameters.Find(OnnxReader.Read(TestData.Export(export)).Graph);

    private static void AssertNames(IReadOnlyList<string> found, params string[] expected) =>
        CollectionAssert.AreEquivalent(expected, found.ToArray(), string.Join(", ", found));
}
