using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;

namespace TrActOnnx.Tests.IR.Shapes;

/// <summary>
/// Whatever ranks, extents, attributes and contents a file gives a node, its shape rule infers something or refuses it; any other exception is a
/// mistake
/// of the rule. Drawn at random, with the seed in the failure.
/// </summary>
[TestClass]
public sealed class DamagedNodeTests
{
    private const int Draws = 300;

    private static readonly long[] Numbers = [0, 1, 2, 3, -1, -2, 5, 16, -7, 300, int.MaxValue, long.MaxValue, long.MinValue];

    private static readonly string[] Integers =
        ["axis", "keepdims", "group", "blocksize", "transA", "transB", "batch_dims", "allowzero", "start", "end", "layout", "ceil_mode"];

    private static readonly string[] Lists =
        ["axes", "perm", "pads", "strides", "dilations", "kernel_shape", "output_padding", "output_shape", "split", "shape", "starts", "ends"];

    private static readonly string[] Equations = ["ab,bc->ac", "...a,ab", "a...b->", "ab", "aab->z", "->", ",,", "i...,...i->...", "abcdefgh,a->a"];

    public static IEnumerable<object[]> Operators => ShapeRules.Table.Keys.Select(op => new object[] { op.ToString() });

    [TestMethod]
    [DynamicData(nameof(Operators))]
    public void AreInferredOrRefused(string op)
    {
        for (int seed = 0; seed < Draws; seed++)
        {
            Node node = Draw(op, new Random(seed));
            try
            {
                ShapeInference.Apply(node.Graph);
            }
            catch (GraphRewriteException)
            {
                continue;
            }
            catch (Exception e) when (e is not AssertFailedException)
            {
                Assert.Fail($"seed {seed}: {node} over {string.Join(", ", node.Inputs)} with {string.Join(", ", node.Attributes)}: {e}");
            }
        }
    }

    private static Node Draw(string op, Random random)
    {
        var graph = new Graph("g", new Dictionary<string, long> { [OpId.Onnx] = 21, [OpId.Microsoft] = 1, [OpId.TrAct] = 1, [OpId.Nchwc] = 1 });
        Value?[] inputs = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => Input(graph, i, random))];
        Node node = graph.AddNode(op, "n", inputs);
        foreach (string name in Integers)
            if (random.Next(4) == 0) node.SetAttribute(name, Numbers[random.Next(Numbers.Length)]);
        foreach (string name in Lists)
            if (random.Next(4) == 0) node.SetAttribute(name, Few(random));
        if (op == "Einsum") node.SetAttribute("equation", Equations[random.Next(Equations.Length)]);
        if (random.Next(4) == 0) node.SetAttribute("auto_pad", random.Next(2) == 0 ? "SAME_UPPER" : "VALID");
        for (int i = random.Next(4); i >= 0; i--) node.SetOutput(i, graph.NewValue($"y{i}"));
        return node;
    }

    private static Value? Input(Graph graph, int index, Random random) => random.Next(6) switch
    {
        0 => index == 0 ? graph.AddInput("x", ElementType.Float, null) : null,
        1 => graph.AddInitializer($"i{index}", Tensor.Vector(Few(random))),
        2 => graph.AddInitializer($"s{index}", Tensor.Scalar(Numbers[random.Next(Numbers.Length)])),
        _ => graph.AddInput($"x{index}", ElementType.Float, new([.. Enumerable.Range(0, random.Next(6)).Select(_ => Extent(random))])),
    };

    private static Dim Extent(Random random) => random.Next(6) switch
    {
        0 => Dim.Symbol("batch"),
        1 => Dim.Unknown,
        2 => Math.Max(0, Numbers[random.Next(Numbers.Length)]),
        _ => random.Next(1, 5),
    };

    private static long[] Few(Random random) =>
        [.. Enumerable.Range(0, random.Next(6)).Select(_ => Numbers[random.Next(random.Next(2) == 0 ? 5 : Numbers.Length)])];
}
