using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Passes;
using GraphRewrite.Serialization;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Passes;

[TestClass]
public sealed class FoldShapeArithmeticTests
{
    [TestMethod]
    [DataRow("vit_conv")]
    [DataRow("vit_conv_dynamo")]
    [DataRow("seqmlp_dynamo")]
    [DataRow("convnext_dynamo")]
    public void FoldedModelComputesTheSame(string name)
    {
        string path = Path.Combine(TestData.Case(name), "forward.onnx");
        Model before = OnnxReader.Read(path), after = OnnxReader.Read(path);
        Dictionary<string, long> extents = after.Graph.Inputs.SelectMany(input => input.Shape!)
            .Select(dim => dim.Symbols).OfType<string>().Distinct().ToDictionary(symbol => symbol, _ => 3L);

        ShapeInference.Bind(after.Graph, extents);
        FoldShapeArithmetic.Apply(after.Graph);
        RemoveUnusedNodes.Apply(after.Graph);

        string[] left = [.. after.Graph.Nodes.Select(node => node.Op.Type)];
        CollectionAssert.DoesNotContain(left, "Shape");
        Assert.IsLessThan(before.Graph.Nodes.Count, left.Length);
        var random = new Random(1);
        Dictionary<string, Tensor> feeds = after.Graph.Inputs.ToDictionary(
            input => input.Name,
            input => Tensor.Of(input.Shape!.Extents(), [.. Enumerable.Range(0, (int)input.Shape.Size.Value).Select(_ => random.NextSingle())]));
        IReadOnlyDictionary<string, Tensor> expected = new OrtGraphRunner().Run(before, feeds), actual = new OrtGraphRunner().Run(after, feeds);
        foreach ((string output, Tensor tensor) in expected)
            CollectionAssert.AreEqual(tensor.ToDouble(), actual[output].ToDouble(), $"{output}: the same kernels on the same numbers");
    }
}
