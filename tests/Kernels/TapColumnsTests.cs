using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using TrActOnnx.Tests.Lowering;
using TrActOnnx.Tests.Reference;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Kernels;

/// <summary>A weight gradient of stacked taps: in pieces of images and at once, in parts of the output, of any stride, in blocks of channels and not.</summary>
[TestClass]
public sealed class TapColumnsTests
{
    private static readonly WindowCase Overlapping = Window([9, 8], [3, 3], [1, 1], [1, 1], pad: 1);
    private static readonly WindowCase Strided = Window([13, 14], [5, 3], [2, 3], [1, 1], pad: 2);
    private static readonly WindowCase Dilated = Window([13, 14], [3, 2], [3, 2], [2, 3], pad: 1);
    private static readonly WindowCase Single = Window([5, 6], [1, 1], [1, 1], [1, 1], pad: 0);
    private static readonly WindowCase Line = Window([23], [5], [3], [2], pad: 1);
    private static readonly WindowCase Volume = Window([5, 6, 7], [2, 3, 2], [1, 2, 3], [1, 1, 1], pad: 1);
    private static readonly WindowCase LargeImage = Window([140, 136], [8, 8], [1, 1], [1, 1], pad: 0);
    private static readonly WindowCase LargeLine = Window([80_000], [32], [2], [1], pad: 0);

    /// <summary>Pieces: null where there is one product alone.</summary>
    private static readonly (string Name, WindowCase Window, long Batch, long Channels, long Outputs, long Groups, long? Pieces)[] Cases =
    [
        ("an even batch", Overlapping, 6, 3, 16, 1, 6),
        ("a batch above eight", Overlapping, 20, 3, 16, 1, 4),
        ("an odd batch", Overlapping, 9, 3, 16, 1, 3),
        ("a prime batch", Overlapping, 11, 3, 16, 1, null),
        ("outputs of no block", Overlapping, 4, 3, 10, 1, 4),
        ("one channel", Overlapping, 4, 1, 32, 1, 4),
        ("groups", Overlapping, 4, 6, 32, 2, null),
        ("strides", Strided, 4, 3, 16, 1, 4),
        ("dilations", Dilated, 4, 3, 16, 1, 4),
        ("one position", Single, 4, 3, 16, 1, 4),
        ("one axis", Line, 4, 3, 16, 1, 4),
        ("three axes", Volume, 4, 3, 16, 1, 4),
        ("parts", LargeImage, 10, 1, 16, 1, 2),
        ("parts, outputs of no block", LargeImage, 10, 1, 3, 1, 2),
        ("parts of a line", LargeLine, 4, 2, 3, 1, 4),
    ];

    public static IEnumerable<object[]> Names => Cases.Select(each => new object[] { each.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void TheStackedGradientIsRight(string name)
    {
        (_, WindowCase window, long batch, long channels, long outputs, long groups, long? pieces) = Cases.Single(each => each.Name == name);
        var random = new Random(1);
        Tensor x = LoweringRun.Uniform(random, [batch, channels, .. window.Input]);
        Tensor w = LoweringRun.Uniform(random, [outputs, channels / groups, .. window.Kernel]);
        Tensor dY = LoweringRun.Uniform(random, [batch, outputs, .. window.Output]);
        (_, double[] expected, _) = ConvReference.Gradients(
            x.Span<float>().ToArray(), w.Span<float>().ToArray(), dY.Span<float>().ToArray(), batch, outputs, channels, groups, window);

        foreach (bool isBatchKnown in new[] { true, false })
        {
            Graph graph = GraphOf(window, x, w, dY, groups, isBatchKnown);
            Assert.ContainsSingle(choice => choice is { Part: "dW", Form: "stacked" }, LoweringPipeline.Apply(new Model(graph), Stacked), name);
            LoweringRun.AssertClose(expected, LoweringRun.Run(graph, ("dY", dY), ("X", x), ("W", w))["dW"], 1e-5, $"{name}, batch known: {isBatchKnown}");
            if (groups > 1) continue;
            Node? product = graph.Nodes.FirstOrDefault(node => node.Op == "com.microsoft::FusedMatMul");
            Assert.AreEqual(isBatchKnown ? pieces : null, product?.Out(0).Shape![0].Value, name);
        }
    }

    private static LoweringTarget Stacked => Device.Open(ExecutionDevice.Cpu).Target with { Forced = FormulationTable.Parse("dW=stacked") };

    private static Graph GraphOf(WindowCase window, Tensor x, Tensor w, Tensor dY, long groups, bool isBatchKnown)
    {
        Graph graph = LoweringRun.NewGraph();
        Value dYIn = Input("dY", dY), xIn = Input("X", x), wIn = graph.AddInput("W", ElementType.Float, Shape.From(w.Dims));
        (string, object)[] attributes = [.. window.Attributes, ("group", groups)];
        Value[] gradients = LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dYIn, xIn, wIn], attributes, "dX", "dW");
        graph.MarkOutput(gradients[1]);
        return graph;

        Value Input(string name, Tensor tensor) => graph.AddInput(name, ElementType.Float,
            Shape.Of([isBatchKnown ? tensor.Dims[0] : Dim.Symbol("N"), .. tensor.Dims.Skip(1).Select(extent => (Dim)extent)]));
    }

    private static WindowCase Window(long[] input, long[] kernel, long[] strides, long[] dilations, long pad)
    {
        long[] pads = [.. input.Select(_ => pad)];
        return new(input, kernel, strides, dilations, pads, pads, "NOTSET", Ceil: false);
    }
}
