using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.IR.Shapes;

/// <summary>
/// One node each, run on ONNX Runtime: what it returns has the inferred type and shape. Once more with every input axis a symbol of its own:
/// what is inferred then, with the symbols replaced, never contradicts.
/// </summary>
[TestClass]
public sealed class ShapeInferenceAgainstOrtTests
{
    public static IEnumerable<object[]> Cases => ShapeCases.All.Select((shapeCase, index) => new object[] { index, shapeCase.ToString() });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void RuntimeReturnsTheInferredShape(int index, string name)
    {
        Graph graph = ShapeCases.All[index].Build(symbolic: false);
        ShapeInference.Apply(graph);

        foreach ((string output, Tensor tensor) in Run(ShapeCases.All[index]))
        {
            Value value = graph.Get(output);
            Assert.AreEqual(tensor.Type, value.Type, $"{name}: {output}");
            Assert.AreEqual(Shape.From(tensor.Dims), value.Shape, $"{name}: {output}");
            if (value.Elements is { } elements)
                CollectionAssert.AreEqual(tensor.ToInt64(), elements.Select(element => element.Value).ToArray(), $"{name}: {output}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void SymbolicShapeHoldsForTheRuntimesExtents(int index, string name)
    {
        Graph graph = ShapeCases.All[index].Build(symbolic: true);
        Dictionary<string, long> extents = ShapeCases.All[index].Extents;
        ShapeInference.Apply(graph);

        foreach ((string output, Tensor tensor) in Run(ShapeCases.All[index]))
        {
            if (graph.Get(output).Shape is not { } shape) continue;
            Assert.AreEqual(tensor.Rank, shape.Rank, $"{name}: {output}");
            for (int axis = 0; axis < shape.Rank; axis++)
            {
                Dim bound = shape[axis].Bind(extents);
                Assert.IsTrue(bound.IsUnknown || bound == tensor.Dims[axis], $"{name}: {output} is {shape}, the runtime returned {tensor}");
            }
        }
    }

    /// <summary>What the runtime returns. It wants the outputs' types declared (and refuses wrong ones), not their shapes.</summary>
    private static IReadOnlyDictionary<string, Tensor> Run(ShapeCase shapeCase)
    {
        Graph graph = shapeCase.Build(symbolic: false);
        ShapeInference.Apply(graph);
        foreach (Value output in graph.Outputs) output.Shape = null;
        return new OrtGraphRunner().Run(new Model(graph), shapeCase.Feeds);
    }
}
