using GraphRewrite.Artifacts;
using GraphRewrite.Forward;
using GraphRewrite.IR;
using GraphRewrite.Serialization;

namespace TrActOnnx.Tests.IR;

/// <summary>A copy writes the same bytes as its original, and neither sees what happens to the other.</summary>
[TestClass]
public sealed class GraphCloneTests
{
    public static IEnumerable<object[]> Models =>
        from name in new[] { "lenet", "resnet18_w8_dynamo", "vit_linear", "vgg_dropout", "siamese" }
        select new object[] { name };

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void CopyOfAReadModelWritesTheSameBytes(string name)
    {
        Model model = OnnxReader.Read(Path.Combine(TestData.Case(name), "forward.onnx"));
        CollectionAssert.AreEqual(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(model.Clone()));
    }

    [TestMethod]
    [DynamicData(nameof(Models))]
    public void CopyOfABuiltGraphWritesTheSameBytes(string name)
    {
        TrainingArtifacts artifacts = ForwardArtifacts.Build(Path.Combine(TestData.Case(name), "forward.onnx"), new());
        Model training = artifacts.Training.Model;
        CollectionAssert.AreEqual(OnnxWriter.ToBytes(training), OnnxWriter.ToBytes(training.Clone()));
    }

    [TestMethod]
    public void ChangesToACopyStayThere()
    {
        Model model = OnnxReader.Read(Path.Combine(TestData.Case("lenet"), "forward.onnx"));
        byte[] before = OnnxWriter.ToBytes(model);
        Graph copy = model.Clone().Graph;
        foreach (Value value in copy.Initializers.ToArray()) copy.SetInitializer(value, Tensor.Filled(value.Type, value.Shape!.Extents(), 0));
        Node last = copy.Nodes.Last();
        foreach (Value output in copy.Outputs.ToArray()) copy.UnmarkOutput(output);
        copy.Remove(last);
        copy.Rename(copy.Inputs[0], "renamed");
        copy.Opsets["mine"] = 3;
        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(model));
    }

    [TestMethod]
    public void ChangesToTheOriginalDoNotReachTheCopy()
    {
        Model model = OnnxReader.Read(Path.Combine(TestData.Case("lenet"), "forward.onnx"));
        Model copy = model.Clone();
        byte[] before = OnnxWriter.ToBytes(copy);
        model.SetMetadata("mine", "new");
        model.Graph.Rename(model.Graph.Inputs[0], "renamed");
        foreach (Node node in model.Graph.Nodes) node.SetAttribute("mine", 1);
        CollectionAssert.AreEqual(before, OnnxWriter.ToBytes(copy));
    }

    /// <summary>Uses are visited in the same order, new names are numbered on: a pass does to the copy what it does to the original.</summary>
    [TestMethod]
    public void UsesAndNamesGoOnAlike()
    {
        Graph graph = ForwardArtifacts.Build(Path.Combine(TestData.Case("siamese"), "forward.onnx"), new()).Training.Graph;
        Graph copy = graph.Clone();
        foreach (Value value in graph.Values)
        {
            string[] uses = [.. value.Uses.Select(use => $"{use.Node.Name} {use.Index}")];
            CollectionAssert.AreEqual(uses, copy.Get(value.Name).Uses.Select(use => $"{use.Node.Name} {use.Index}").ToArray(), value.Name);
        }
        foreach (string name in graph.Values.Select(value => value.Name).ToArray())
            Assert.AreEqual(graph.NewValue(name).Name, copy.NewValue(name).Name);
    }

    /// <summary>Tensors never change, so that a copy need not hold their bytes again.</summary>
    [TestMethod]
    public void TensorsAreShared()
    {
        Graph graph = OnnxReader.Read(Path.Combine(TestData.Case("lenet"), "forward.onnx")).Graph;
        Graph copy = graph.Clone();
        foreach (Value value in graph.Initializers) Assert.AreSame(value.Initializer, copy.Get(value.Name).Initializer);
    }
}
