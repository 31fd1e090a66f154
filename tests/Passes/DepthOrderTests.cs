using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Passes;

namespace TrActOnnx.Tests.Passes;

/// <summary>On chains y ← tanh y whose backward pass g ← g y² can compute each y² as soon as y is there.</summary>
[TestClass]
public sealed class DepthOrderTests
{
    [TestMethod]
    public void ShortGraphKeepsItsOrder()
    {
        Graph graph = Chain(layers: 100);
        Node[] before = [.. graph.Nodes];

        DepthOrder.OfLong(graph);

        CollectionAssert.AreEqual(before, graph.Nodes.ToArray());
    }

    [TestMethod]
    public void LongGraphHasFewNodesReadyAtATime()
    {
        Graph graph = Chain(layers: 7000);
        Assert.AreEqual(7000, MostReady(graph));

        DepthOrder.OfLong(graph);

        Assert.IsLessThanOrEqualTo(3, MostReady(graph));
        TopologicalSort.Apply(graph); // finds no node before what it needs
        Assert.IsLessThanOrEqualTo(3, MostReady(graph));
    }

    private static Graph Chain(int layers)
    {
        var graph = new Graph("chain", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        using OpBuilder op = graph.BuildAtEnd("chain");
        var outputs = new Stack<Value>();
        Value y = graph.AddInput("x", ElementType.Float, Shape.Of(4));
        for (int i = 0; i < layers; i++) outputs.Push(y = op.Op("Tanh", [y]));
        Value g = graph.AddInput("dY", ElementType.Float, Shape.Of(4));
        foreach (Value output in outputs) g *= output * output;
        graph.MarkOutput(g);
        return graph;
    }

    /// <summary>The longest that the list of ready nodes gets where the first of the file is always taken, as ONNX Runtime does.</summary>
    private static int MostReady(Graph graph)
    {
        Node[] nodes = [.. graph.Nodes];
        Dictionary<Node, int> place = nodes.Select((node, i) => (node, i)).ToDictionary();
        Dictionary<Node, Node[]> producers = nodes.ToDictionary(
            node => node, node => Walk.Operands(node).Select(value => value.Producer).OfType<Node>().Distinct().ToArray());
        ILookup<Node, Node> consumers = producers.SelectMany(pair => pair.Value.Select(producer => (producer, pair.Key)))
            .ToLookup(pair => pair.producer, pair => pair.Key);
        Dictionary<Node, int> missing = producers.ToDictionary(pair => pair.Key, pair => pair.Value.Length);
        var ready = new SortedSet<int>(missing.Where(pair => pair.Value == 0).Select(pair => place[pair.Key]));
        int most = 0;
        while (ready.Count > 0)
        {
            most = Math.Max(most, ready.Count);
            Node node = nodes[ready.Min];
            ready.Remove(ready.Min);
            foreach (Node consumer in consumers[node]) if (--missing[consumer] == 0) ready.Add(place[consumer]);
        }
        return most;
    }
}
