using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Passes;

namespace TrActOnnx.Tests.Lowering;

/// <summary>Products that transpose as they read are those of transposed matrices.</summary>
[TestClass]
public sealed class TransposedProductsTests
{
    private const string Fused = "com.microsoft::FusedMatMul";

    [TestMethod]
    [DataRow(new long[] { 0, 1, 3, 2 }, null, null, new[] { Fused }, DisplayName = "Aᵀ B")]
    [DataRow(null, new long[] { 0, 1, 3, 2 }, null, new[] { Fused }, DisplayName = "A Bᵀ")]
    [DataRow(new long[] { 0, 1, 3, 2 }, new long[] { 0, 1, 3, 2 }, null, new[] { Fused }, DisplayName = "Aᵀ Bᵀ")]
    [DataRow(null, null, new long[] { 0, 1, 3, 2 }, new[] { Fused }, DisplayName = "(A B)ᵀ")]
    [DataRow(new long[] { 0, 1, 3, 2 }, null, new long[] { 0, 1, 3, 2 }, new[] { Fused }, DisplayName = "(Aᵀ B)ᵀ")]
    [DataRow(null, new long[] { 0, 2, 3, 1 }, null, new[] { "Transpose", Fused }, DisplayName = "heads of B moved, too")]
    [DataRow(null, null, new long[] { 0, 3, 1, 2 }, new[] { Fused, "Transpose" }, DisplayName = "heads of the product moved, too")]
    [DataRow(new long[] { 1, 0, 2, 3 }, null, null, new[] { "Transpose", "MatMul" }, DisplayName = "rows stay rows of A")]
    [DataRow(null, null, new long[] { 0, 2, 1, 3 }, new[] { "MatMul", "Transpose" }, DisplayName = "rows stay rows of the product")]
    [DataRow(null, null, null, new[] { "MatMul" }, DisplayName = "no Transpose")]
    public void AreTheSame(long[]? permA, long[]? permB, long[]? permY, string[] after)
    {
        foreach (float? alpha in (float?[])[null, 0.5f])
        {
            Graph graph = GraphOf(permA, permB, permY, alpha), lowered = GraphOf(permA, permB, permY, alpha);
            Apply(lowered);
            string[] expected = alpha is null ? after : [.. after.Select(type => type == "MatMul" ? Fused : type)];
            CollectionAssert.AreEqual(expected, Types(lowered));
            AssertSame(graph, lowered, permA, permB);
        }
    }

    /// <summary>Queries, keys and values: Kᵀ is read by the scores and by the gradient of Q; neither needs it in memory.</summary>
    [TestMethod]
    public void AGradientReadsTheSameOperand()
    {
        Graph graph = Attention(), lowered = Attention();
        Apply(lowered);
        CollectionAssert.AreEqual(new[] { Fused, Fused, Fused }, Types(lowered));
        AssertSame(graph, lowered, null, null);
    }

    [TestMethod]
    public void WhatOthersReadStays()
    {
        Graph graph = GraphOf(null, null, [0, 1, 3, 2], alpha: null);
        graph.MarkOutput(graph.Nodes.First().Out(0));
        Apply(graph);
        CollectionAssert.AreEqual(new[] { "MatMul", "Transpose" }, Types(graph));
    }

    /// <summary>FusedMatMul has no kernel for double, and a matrix under a stack is one product of all rows.</summary>
    [TestMethod]
    [DataRow(ElementType.Double, 3)]
    [DataRow(ElementType.Float, 2)]
    public void OthersStay(ElementType type, int rank)
    {
        Graph graph = LoweringRun.NewGraph();
        Value a = graph.AddInput("a", type, Shape.Of(2, 3, 4)), b = graph.AddInput("b", type, rank == 2 ? Shape.Of(5, 4) : Shape.Of(2, 5, 4));
        Value turned = LoweringRun.Add(graph, "Transpose", [b], [("perm", rank == 2 ? new long[] { 1, 0 } : [0, 2, 1])], "bT")[0];
        graph.MarkOutput(LoweringRun.Add(graph, "MatMul", [a, turned], [], "y")[0]);
        Infer(graph);
        Apply(graph);
        CollectionAssert.AreEqual(new[] { "Transpose", "MatMul" }, Types(graph));
    }

    private static void Apply(Graph graph)
    {
        TransposedProducts.Apply(graph);
        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);
    }

    private static void AssertSame(Graph graph, Graph lowered, long[]? permA, long[]? permB)
    {
        var random = new Random(1);
        (string, Tensor)[] inputs =
        [
            ("a", LoweringRun.Uniform(random, Before([2, 3, 5, 7], permA))),
            ("b", LoweringRun.Uniform(random, Before([2, 3, 7, 4], permB))),
        ];
        IReadOnlyDictionary<string, Tensor> expected = LoweringRun.Run(graph, inputs), actual = LoweringRun.Run(lowered, inputs);
        foreach ((string name, Tensor value) in expected)
        {
            CollectionAssert.AreEqual(value.Dims.ToArray(), actual[name].Dims.ToArray());
            LoweringRun.AssertClose(value.ToDouble(), actual[name], 1e-6, name);
        }
    }

    /// <summary>y = α (A′ B′)′, each through a Transpose where there is one.</summary>
    private static Graph GraphOf(long[]? permA, long[]? permB, long[]? permY, float? alpha)
    {
        Graph graph = LoweringRun.NewGraph();
        Value a = Transposed(graph, Input(graph, "a", [2, 3, 5, 7], permA), permA), b = Transposed(graph, Input(graph, "b", [2, 3, 7, 4], permB), permB);
        Value product = alpha is { } factor
            ? LoweringRun.Add(graph, Fused, [a, b], [("alpha", factor)], "ab")[0]
            : LoweringRun.Add(graph, "MatMul", [a, b], [], "ab")[0];
        graph.MarkOutput(Transposed(graph, product, permY));
        Infer(graph);
        return graph;
    }

    /// <summary>S = A Kᵀ, K = Bᵀ; dA = S K as the gradient writes it, dKᵀ = Aᵀ S, transposed.</summary>
    private static Graph Attention()
    {
        Graph graph = LoweringRun.NewGraph();
        Value a = graph.AddInput("a", ElementType.Float, Shape.Of(2, 3, 5, 7)), b = graph.AddInput("b", ElementType.Float, Shape.Of(2, 3, 7, 4));
        Value k = Transposed(graph, b, [0, 1, 3, 2]);
        Value scores = LoweringRun.Add(graph, Fused, [a, k], [("transB", 1L)], "s")[0];
        graph.MarkOutput(scores);
        graph.MarkOutput(LoweringRun.Add(graph, "MatMul", [scores, k], [], "dA")[0]);
        Value dK = LoweringRun.Add(graph, Fused, [a, scores], [("transA", 1L)], "dKT")[0];
        graph.MarkOutput(Transposed(graph, dK, [0, 1, 3, 2]));
        Infer(graph);
        return graph;
    }

    private static Value Input(Graph graph, string name, long[] extents, long[]? perm) =>
        graph.AddInput(name, ElementType.Float, Shape.From(Before(extents, perm)));

    /// <summary>The extents that a permutation makes the given ones of.</summary>
    private static long[] Before(long[] extents, long[]? perm) => perm is null ? extents : [.. extents.Select((_, axis) => extents[Array.IndexOf(perm, axis)])];

    private static Value Transposed(Graph graph, Value x, long[]? perm) =>
        perm is null ? x : LoweringRun.Add(graph, "Transpose", [x], [("perm", perm)], $"{x.Name}T")[0];

    private static void Infer(Graph graph) => GraphRewrite.IR.Shapes.ShapeInference.Apply(graph);

    private static string[] Types(Graph graph) => [.. graph.Nodes.Select(node => node.Op.ToString())];
}
