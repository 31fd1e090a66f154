using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Optimizers;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.Optimizers;

/// <summary>Which parameters are updated together.</summary>
[TestClass]
public sealed class PackedParametersTests
{
    /// <summary>ONNX Runtime opens a Concat or Split in a time that grows with the square of its parts.</summary>
    [TestMethod]
    public void ManySmallOnesAreSeveralGroups()
    {
        Graph graph = LoweringRun.NewGraph();
        Value[] vectors = Parameters(graph, "vector", 600, 8), matrices = Parameters(graph, "matrix", 3, 4, 2);
        Value large = graph.AddInput("large", ElementType.Float, Shape.Of(PackedParameters.SmallElements + 1));
        using OpBuilder op = graph.BuildAtEnd("update");
        PackedParameters[] groups = [.. PackedParameters.Of(op, [.. vectors, large, .. matrices])];
        CollectionAssert.AreEqual(new[] { 256, 256, 88, 3, 1 }, groups.Select(group => group.Members.Count).ToArray());
        CollectionAssert.AreEqual(vectors.Concat(matrices).Append(large).ToArray(), groups.SelectMany(group => group.Members).ToArray());
    }

    private static Value[] Parameters(Graph graph, string name, int count, params long[] extents) =>
        [.. Enumerable.Range(0, count).Select(i => graph.AddInput($"{name}{i}", ElementType.Float, Shape.Of([.. extents])))];
}
