using GraphRewrite.IR;
using GraphRewrite.Passes.Contracts;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace TrActOnnx.Tests.Passes;

/// <summary>Pipelines whose passes promise what they do not keep, and graphs with a planted defect for every condition.</summary>
[TestClass]
public sealed class ContractTests
{
    private static readonly Condition NoIdentity = Condition.NoNode("NoIdentity", "no node is an Identity", node => node.Op == "Identity");

    [TestMethod]
    public void AllTestsVerify() => Assert.IsTrue(Pipeline.Verifies);

    [TestMethod]
    public void AGraphWithoutDefectsKeepsEveryCondition() =>
        Assert.IsEmpty(GraphVerifier.Violations(Chain(3), [Sorted, Typed, Shaped, NoUnused, Opset(21), NoIdentity]));

    [TestMethod]
    public void ANodeBeforeItsProducerIsFound()
    {
        Graph graph = Chain(3);
        graph.Reorder([.. graph.Nodes.Reverse()]);
        Assert.AreEqual(
            "Sorted (everything that a node reads is stored, fed or made before it): " +
            "'n2' (Relu, opset 21) reads 'y1', which 'n1' (Relu, opset 21) makes later; " +
            "'n1' (Relu, opset 21) reads 'y0', which 'n0' (Relu, opset 21) makes later",
            Only(graph, Sorted));
    }

    [TestMethod]
    public void AValueThatNothingMakesIsFound()
    {
        Graph graph = Chain(2);
        graph.Get("y0").Producer!.SetOutput(0, null);
        StringAssert.EndsWith(Only(graph, Sorted), ": 'n1' (Relu, opset 21) reads 'y0', which nothing makes");
    }

    [TestMethod]
    public void AnOutputThatNothingMakesIsFound()
    {
        Graph graph = Chain(2);
        graph.MarkOutput(graph.NewValue("nowhere", ElementType.Float, Shape.Of(2)));
        StringAssert.EndsWith(Only(graph, Sorted), ": output 'nowhere', which nothing makes");
    }

    [TestMethod]
    public void TwoValuesOfOneNameAreFound()
    {
        Graph graph = Chain(2);
        graph.Get("y0").Name = "x";
        string[] found = [.. GraphVerifier.Violations(graph, []).Select(violation => violation.ToString())];
        Assert.AreEqual(
            "Named (no two values and no two nodes have the same name, and the graph finds every value by its name): " +
            "2 values are named 'x'; the graph does not know 'x', which 'n0' (Relu, opset 21) makes",
            found.Single());
    }

    [TestMethod]
    public void AUseThatTheNodeDoesNotHaveIsFound()
    {
        Graph graph = Chain(2);
        graph.Get("x").AddUse(graph.Nodes.Last(), 0);
        StringAssert.EndsWith(Only(graph), ": 'x' is noted as read by 'n1' (Relu, opset 21) at 0, and is not");
    }

    [TestMethod]
    public void AnInputThatTheValueDoesNotKnowIsFound()
    {
        Graph graph = Chain(2);
        graph.Get("y0").RemoveUse(graph.Nodes.Last(), 0);
        StringAssert.EndsWith(Only(graph), ": 'n1' (Relu, opset 21) reads 'y0' at 0, which does not know it");
    }

    [TestMethod]
    public void AnotherProducerIsFound()
    {
        Graph graph = Chain(2);
        graph.Get("y0").Producer = graph.Nodes.Last();
        string found = Only(graph);
        StringAssert.Contains(found, "'y0' is noted as output 0 of 'n1' (Relu, opset 21), and is not");
        StringAssert.Contains(found, "'n0' (Relu, opset 21) makes 'y0' as its output 0, which does not know it");
    }

    [TestMethod]
    public void AMissingTypeIsFoundWhereItBegins()
    {
        Graph graph = Chain(3);
        graph.Get("y0").Type = graph.Get("y1").Type = ElementType.Undefined;
        StringAssert.EndsWith(Only(graph, Typed), ": 'y0', which 'n0' (Relu, opset 21) makes");
    }

    [TestMethod]
    public void AnOperatorWithoutShapeRuleNeedsNoType()
    {
        Graph graph = Chain(1);
        graph.AddNode("acme::Fancy", "fancy", [graph.Get("y0")]).SetOutput(0, graph.NewValue("unknown"));
        graph.AddNode("Relu", "after", [graph.Get("unknown")]).SetOutput(0, graph.NewValue("unknown too"));
        Assert.IsEmpty(GraphVerifier.Violations(graph, [Typed, Shaped]));
    }

    [TestMethod]
    public void AMissingRankIsFound()
    {
        Graph graph = Chain(3);
        graph.Get("y2").Shape = null;
        StringAssert.EndsWith(Only(graph, Shaped), ": 'y2', which 'n2' (Relu, opset 21) makes");
    }

    [TestMethod]
    public void AnotherOpsetIsFound() => StringAssert.EndsWith(Only(Chain(1), Opset(20)), ": graph 'chain' is in opset 21");

    [TestMethod]
    public void UnusedNodesAndInitializersAreFound()
    {
        Graph graph = Chain(2);
        graph.UnmarkOutput(graph.Get("y1"));
        graph.AddInitializer("spare", Tensor.Scalar(1f));
        StringAssert.EndsWith(Only(graph, NoUnused), ": 'n1' (Relu, opset 21); initializer 'spare'");
    }

    [TestMethod]
    public void AllOffendersStandInOneMessageAtMostTwentyOfACondition()
    {
        Graph graph = Chain(1);
        for (int i = 0; i < 23; i++) graph.AddNode("Identity", $"i{i}", [graph.Get("x")]).SetOutput(0, graph.NewValue($"z{i}"));
        var broken = new Pipeline("test", [], [new Pass("Nothing", [], [NoIdentity, Opset(20)], _ => { })]);
        string message = Assert.ThrowsExactly<PassContractException>(() => broken.Apply(graph)).Message;
        Assert.AreEqual(
            "After the pass 'Nothing' of 'test' the graph does not keep NoIdentity (no node is an Identity): " +
            string.Concat(Enumerable.Range(0, 20).Select(i => $"'i{i}' (Identity, opset 21); ")) + "and 3 more" + Environment.NewLine +
            "Opset20 (the graph is written in opset 20): graph 'chain' is in opset 21",
            message);
    }

    /// <summary>The last pass leaves alone what the first ensured; it is the one between that is named.</summary>
    [TestMethod]
    public void ThePassThatBreaksWhatHeldIsNamed()
    {
        var broken = new Pipeline("test", [Sorted],
        [
            new Pass("First", [], [NoIdentity], _ => { }),
            new Pass("Culprit", [], [], graph => graph.AddNode("Identity", "copy", [graph.Get("x")]).SetOutput(0, graph.NewValue("z"))),
            new Pass("Last", [NoIdentity], [], _ => { }),
        ]);
        PassContractException error = Assert.ThrowsExactly<PassContractException>(() => broken.Apply(Chain(1)));
        Assert.AreEqual(
            "After the pass 'Culprit' of 'test' the graph does not keep NoIdentity (no node is an Identity): 'copy' (Identity, opset 21)",
            error.Message);
    }

    [TestMethod]
    public void WhatAPassSaysThatItBreaksIsNotHeldAgainstIt()
    {
        var sound = new Pipeline("test", [Sorted],
        [
            new Pass("Reverse", [], [], [Sorted], graph => graph.Reorder([.. graph.Nodes.Reverse()])),
            new Pass("Sort", [], [Sorted], GraphRewrite.Passes.TopologicalSort.Apply),
        ]);
        sound.Apply(Chain(3));
        CollectionAssert.AreEqual(new[] { Sorted }, sound.Ensures.ToArray());
    }

    [TestMethod]
    public void ACallerThatDoesNotKeepItsPromiseIsTold()
    {
        Graph graph = Chain(2);
        graph.Reorder([.. graph.Nodes.Reverse()]);
        PassContractException error = Assert.ThrowsExactly<PassContractException>(() => new Pipeline("test", [Sorted], []).Apply(graph));
        StringAssert.StartsWith(error.Message, "'test' is given a graph that does not keep Sorted (");
    }

    [TestMethod]
    public void ARequirementThatNobodyEnsuresIsRefused()
    {
        PassContractException error = Assert.ThrowsExactly<PassContractException>(
            () => new Pipeline("test", [Sorted], [new Pass("Needy", [Sorted, Typed, Shaped], [], _ => { })]));
        Assert.AreEqual("The pass 'Needy' of 'test' requires Typed, Shaped, which neither the caller nor a pass before it ensures.", error.Message);
    }

    [TestMethod]
    public void ARequirementThatAPassBeforeBreaksIsRefused()
    {
        PassContractException error = Assert.ThrowsExactly<PassContractException>(
            () => new Pipeline("test", [Sorted], [new Pass("Shuffle", [], [], [Sorted], _ => { }), new Pass("Needy", [Sorted], [], _ => { })]));
        StringAssert.StartsWith(error.Message, "The pass 'Needy' of 'test' requires Sorted, which");
    }

    /// <summary>x → Relu n0 → y0 → Relu n1 → y1 …; the last is the output.</summary>
    private static Graph Chain(int length)
    {
        var graph = new Graph("chain", new Dictionary<string, long> { [OpId.Onnx] = 21 });
        Value value = graph.AddInput("x", ElementType.Float, Shape.Of(2));
        for (int i = 0; i < length; i++)
        {
            Node node = graph.AddNode("Relu", $"n{i}", [value]);
            value = graph.NewValue($"y{i}", ElementType.Float, Shape.Of(2));
            node.SetOutput(0, value);
        }
        graph.MarkOutput(value);
        return graph;
    }

    /// <summary>The one violation of the conditions.</summary>
    private static string Only(Graph graph, params Condition[] conditions) => GraphVerifier.Violations(graph, conditions).Single().ToString();
}
