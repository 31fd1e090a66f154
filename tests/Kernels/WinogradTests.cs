using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using TrActOnnx.Tests.Lowering;

namespace TrActOnnx.Tests.Kernels;

/// <summary>How Winograd's convolution is chosen and shared; that it computes the same: ConvGradLoweringTests.</summary>
[TestClass]
public sealed class WinogradTests
{
    private static readonly LoweringTarget Forced = new() { Forced = FormulationTable.Parse("conv=winograd,dX=winograd,dW=winograd") };

    [TestMethod]
    public void AddsTheBias()
    {
        var random = new Random(1);
        Tensor x = LoweringRun.Uniform(random, 2, 3, 7, 4), w = LoweringRun.Uniform(random, 5, 3, 3, 3), bias = LoweringRun.Uniform(random, 5);
        Tensor Run(LoweringTarget target)
        {
            Graph graph = LoweringRun.NewGraph();
            Value[] inputs = [Input(graph, "X", x.Dims), Input(graph, "W", w.Dims), Input(graph, "B", bias.Dims)];
            graph.MarkOutput(LoweringRun.Add(graph, "Conv", inputs, [("pads", new long[] { 1, 1, 1, 1 })], "Y")[0]);
            FormChoice choice = LoweringPipeline.Apply(new Model(graph), target).Single();
            Assert.AreEqual(target == Forced, choice.Form == "winograd");
            return LoweringRun.Run(graph, ("X", x), ("W", w), ("B", bias))["Y"];
        }
        LoweringRun.AssertClose(Run(LoweringTarget.Cpu).ToDouble(), Run(Forced), 1e-5, "Y");
    }

    /// <summary>Three products of channels; W, X and dY are transformed once, Y, dX and dW back: axis by axis, or at once.</summary>
    [TestMethod]
    [DataRow(4L, 3 + 6, DisplayName = "4x4: at once")]
    [DataRow(8L, 3 + 10, DisplayName = "8x8: by axes")]
    public void ALayerAndItsGradientsShareTransforms(long extent, int products)
    {
        Graph graph = LoweringRun.NewGraph();
        Value x = Input(graph, "X", [2, 16, extent, extent]), w = Input(graph, "W", [32, 16, 3, 3]), dY = Input(graph, "dY", [2, 32, extent, extent]);
        (string, object)[] pads = [("pads", new long[] { 1, 1, 1, 1 })];
        graph.MarkOutput(LoweringRun.Add(graph, "Conv", [x, w], pads, "Y")[0]);
        foreach (Value gradient in LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dY, x, w], pads, "dX", "dW")) graph.MarkOutput(gradient);
        LoweringPipeline.Apply(new Model(graph), Forced);
        Assert.AreEqual(products, graph.Nodes.Count(node => node.Op.Type is "Gemm" or "MatMul" or "FusedMatMul"));
    }

    private static Value Input(Graph graph, string name, IReadOnlyList<long> dims) => graph.AddInput(name, ElementType.Float, Shape.From(dims));
}
