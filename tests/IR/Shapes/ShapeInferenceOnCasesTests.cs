using System.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.IR.Shapes;

/// <summary>
/// Shapes inferred from graph inputs and initializers alone, held against those that PyTorch and ONNX Runtime wrote into the files.
/// </summary>
[TestClass]
public sealed class ShapeInferenceOnCasesTests
{
    public static IEnumerable<object[]> Models => Directory.EnumerateFiles(TestData.Cases, "*.onnx", SearchOption.AllDirectories)
        .Where(path => Path.GetFileName(path) is "forward.onnx" or "training_model.onnx" or "eval_model.onnx")
        .Order(StringComparer.Ordinal).Select(path => new object[] { Path.GetRelativePath(TestData.Cases, path) });

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void InferredShapesAreTheDeclaredOnes(string name)
    {
        Graph graph = OnnxReader.Read(Path.Combine(TestData.Cases, name)).Graph;
        HashSet<string> symbols = [.. graph.Inputs.SelectMany(input => input.Shape!).Select(dim => dim.Symbols).OfType<string>()];
        Dictionary<Value, (ElementType Type, Shape? Shape)> declared = Forget(graph);

        ShapeInference.Apply(graph);

        List<string> wrong = [];
        foreach ((Value value, (ElementType type, Shape? shape)) in declared)
        {
            if (value.Shape is null || value.Type == ElementType.Undefined) wrong.Add($"{value.Producer} -> {value}: not inferred");
            else if (shape is not null && (type != value.Type || !Agree(shape, value.Shape, symbols)))
                wrong.Add($"{value.Producer} -> {value}, declared {type}{shape}");
        }
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void DeclaredShapesContradictNothing(string name) => ShapeInference.Apply(OnnxReader.Read(Path.Combine(TestData.Cases, name)).Graph);

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void EveryExtentIsKnownOnceTheBatchIs(string name)
    {
        Graph graph = OnnxReader.Read(Path.Combine(TestData.Cases, name)).Graph;
        Dictionary<string, long> extents = graph.Inputs.SelectMany(input => input.Shape!)
            .Select(dim => dim.Symbols).OfType<string>().Distinct().ToDictionary(symbol => symbol, _ => 6L);

        ShapeInference.Bind(graph, extents);

        Value[] open = [.. graph.Values.Where(value => value.Shape is not { IsStatic: true })];
        Assert.IsEmpty(open, string.Join('\n', open.Select(value => $"{value.Producer} -> {value}")));
    }

    [TestMethod]
    public void LargestCaseTakesLittleTime()
    {
        Graph graph = OnnxReader.Read(Path.Combine(TestData.Case("mobilenet"), "training_model.onnx")).Graph;
        ShapeInference.Apply(graph);
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 10; i++) ShapeInference.Apply(graph);
        Assert.IsLessThan(TimeSpan.FromSeconds(0.2), watch.Elapsed, "ten times 280 nodes");
    }

    /// <summary>Takes away what the file declares of computed values, all but AveragePoolGrad's output, which nothing else tells.</summary>
    private static Dictionary<Value, (ElementType Type, Shape? Shape)> Forget(Graph graph)
    {
        var declared = new Dictionary<Value, (ElementType Type, Shape? Shape)>();
        foreach (Value value in graph.Values.Where(value => value.Producer is { Op.Type: not "AveragePoolGrad" }))
        {
            declared[value] = (value.Type, value.Shape);
            (value.Type, value.Shape) = (ElementType.Undefined, null);
        }
        return declared;
    }

    /// <summary>
    /// Known extents must be found, and so must the symbols of the graph inputs; 
    /// other symbols are names that the exporter made up where it knew nothing.
    /// </summary>
    private static bool Agree(Shape declared, Shape inferred, HashSet<string> symbols) =>
        declared.Rank == inferred.Rank
        && declared.Zip(inferred)
            .All(pair => pair.First == pair.Second || (!pair.First.IsKnown && !(pair.First.Symbols is { } symbol && symbols.Contains(symbol))));
}
