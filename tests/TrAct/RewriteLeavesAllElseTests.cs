using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Serialization;
using GraphRewrite.Serialization.Protos;
using GraphRewrite.TrAct;

namespace TrActOnnx.Tests.TrAct;

/// <summary>A rewritten artifact is the old one plus nodes and initializers of its own; only dW's producer names its output anew.</summary>
[TestClass]
public sealed class RewriteLeavesAllElseTests
{
    public static IEnumerable<object[]> Cases => FirstLayerTests.Cases;

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void EveryOldPartIsThereAsItWas(string name)
    {
        ModelProto before = ModelEncoder.Encode(FirstLayerTests.Artifact(name).Model);
        (ModelProto after, string[] gradients) = Rewritten(name);

        foreach (NodeProto node in after.Graph.Node.Where(node => node.Output.Any(output => output.EndsWith(".plain", StringComparison.Ordinal))))
        {
            int at = node.Output.Select((output, index) => (output, index))
                .Single(pair => pair.output.EndsWith(".plain", StringComparison.Ordinal)).index;
            node.Output[at] = node.Output[at][..^".plain".Length];
        }
        string[] added = [.. after.Graph.Node.Where(node => node.Name.Contains("_TrAct", StringComparison.Ordinal)).Select(node => node.Name)];
        Assert.IsNotEmpty(added);
        NodeProto[] kept = [.. after.Graph.Node.Where(node => !added.Contains(node.Name))];
        CollectionAssert.AreEqual(before.Graph.Node, kept);
        CollectionAssert.AreEqual(before.Graph.Input, after.Graph.Input);
        CollectionAssert.AreEqual(before.Graph.Output, after.Graph.Output);
        CollectionAssert.AreEqual(before.Graph.ValueInfo, after.Graph.ValueInfo);
        CollectionAssert.AreEqual(before.Graph.Initializer, after.Graph.Initializer.Take(before.Graph.Initializer.Count).ToArray());
        CollectionAssert.AreEqual(before.OpsetImport, after.OpsetImport);

        string[] madeAnew = [.. after.Graph.Node.Where(node => added.Contains(node.Name)).SelectMany(node => node.Output).Where(gradients.Contains)];
        CollectionAssert.AreEquivalent(gradients, madeAnew);
    }

    [TestMethod]
    [DataRow("lenet")]
    [DataRow("groupdil")]
    [DataRow("siamese")]
    public void TheSameModelGivesTheSameBytes(string name) => CollectionAssert.AreEqual(Bytes(name), Bytes(name));

    [TestMethod]
    public void WhatWasDoneIsRecorded()
    {
        (Model model, TrActOptions options, _) = FirstLayerTests.Artifact("groupdil");
        string report = TrActRewrite.Apply(model, options with { Lambda = 0.25 }).ToString();
        Assert.AreEqual("/conv1/Conv", model.MetadataOf("tract.layers"));
        Assert.AreEqual("0.25", model.MetadataOf("tract.lambda"));
        Assert.IsNotNull(model.MetadataOf("tract.version"));
        Assert.AreEqual(0.25f, model.Graph.Get("tract.lambda").Initializer!.Span<float>()[0]);
        StringAssert.Contains(report, "TrAct (λ = 0.25) in Conv '/conv1/Conv' (conv1.weight): m = ", StringComparison.Ordinal);
        StringAssert.Contains(report, "2 groups, primal form", StringComparison.Ordinal);
    }

    private static (ModelProto Model, string[] Gradients) Rewritten(string name)
    {
        (Model model, TrActOptions options, _) = FirstLayerTests.Artifact(name);
        string[] gradients = [.. TrActRewrite.Apply(model, options).Layers.Select(layer => layer.Gradient)];
        ExpandTrAct.Apply(model.Graph);
        return (ModelEncoder.Encode(model), gradients);
    }

    private static byte[] Bytes(string name)
    {
        (Model model, TrActOptions options, _) = FirstLayerTests.Artifact(name);
        TrActRewrite.Apply(model, options);
        ExpandTrAct.Apply(model.Graph);
        return OnnxWriter.ToBytes(model);
    }
}
