using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Kernels.MaxPool;
using GraphRewrite.Lowering;
using TrActOnnx.Tests.Reference;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class PoolGradLoweringTests
{
    private const double Tolerance = 1e-5;
    private const long Batch = 2;
    private const long Channels = 3;

    private static readonly Device Here = Device.Open(ExecutionDevice.Cpu);

    private static readonly LoweringTarget Cuda = new() { Device = ExecutionDevice.Cuda };

    public static IEnumerable<object[]> Ranks => [[1], [2], [3]];

    [TestMethod]
    [DynamicData(nameof(Ranks))]
    public void MaxPoolGradSendsEachGradientToTheFirstMaximum(int rank)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random((1000 * rank) + seed);
            WindowCase window = Draw(random, rank);
            long channels = seed % 3 == 0 ? 16 : Channels;
            CheckMaxPool(window, channels, ties: seed % 2 == 0, symbolic: seed % 4 / 2, storageOrder: random.Next(2), random);
        }
    }

    /// <summary>A window over a small image may have a position that only ever sees the padding.</summary>
    [TestMethod]
    [DataRow(1L)]
    [DataRow(2L)]
    public void MaxPoolGradPassesOverThePadding(long stride)
    {
        var window = new WindowCase([1, 5], [2, 2], [stride, stride], [1, 1], [1, 0], [0, 1], "NOTSET", Ceil: false);
        CheckMaxPool(window, Channels, ties: false, symbolic: 0, storageOrder: 0, new Random(1));
    }

    /// <summary>The blocks of ONNX Runtime's NCHWc layout are of floats.</summary>
    [TestMethod]
    public void MaxPoolGradTakesDoubles()
    {
        Graph graph = LoweringRun.NewGraph();
        (string, object)[] attributes = [("kernel_shape", new long[] { 1, 2 }), ("strides", new long[] { 1, 2 })];
        double[] x = [.. Enumerable.Range(0, 16 * 4).Select(i => Math.Sin(i))], dY = [.. Enumerable.Range(1, 16 * 2).Select(i => (double)i)];
        Value xIn = graph.AddInput("X", ElementType.Double, Shape.Of(1, 16, 1, 4)), dYIn = graph.AddInput("dY", ElementType.Double, Shape.Of(1, 16, 1, 2));
        Value[] pooled = LoweringRun.Add(graph, "MaxPool", [xIn], attributes, "Y", "Indices");
        (pooled[0].Type, pooled[1].Type) = (ElementType.Double, ElementType.Int64);
        Value dX = LoweringRun.Add(graph, "MaxPoolGrad", [dYIn, pooled[1]], attributes, "dX")[0];
        dX.Type = ElementType.Double;
        graph.MarkOutput(dX);
        LowerTrainingOps.Apply(graph, Here.Target);

        Tensor got = LoweringRun.Run(graph, ("dY", Tensor.Of([1, 16, 1, 2], dY)), ("X", Tensor.Of([1, 16, 1, 4], x)))["dX"];
        double[] expected = [.. x.Select((value, i) => value == Math.Max(x[i & ~1], x[i | 1]) ? dY[i / 2] : 0)];
        CollectionAssert.AreEqual(expected, got.ToDouble());
    }

    private static void CheckMaxPool(WindowCase window, long channels, bool ties, int symbolic, int storageOrder, Random random)
    {
        Graph graph = LoweringRun.NewGraph();
        Tensor x = LoweringRun.Uniform(random, [Batch, channels, .. window.Input]);
        if (ties) x = Tensor.Of(x.Dims, Array.ConvertAll(x.Span<float>().ToArray(), element => MathF.Round(element)));
        Tensor dY = LoweringRun.Uniform(random, [Batch, channels, .. window.Output]);
        (string, object)[] attributes = [.. WithKernel(window), ("ceil_mode", window.Ceil), ("storage_order", storageOrder)];
        Value dYIn = graph.AddInput("dY", ElementType.Float, Declared(dY, symbolic));
        Value xIn = graph.AddInput("X", ElementType.Float, Declared(x, symbolic));
        Value[] pooled = LoweringRun.Add(graph, "MaxPool", [xIn], attributes, "Y", "Indices");
        pooled[1].Type = ElementType.Int64;
        Value dX = LoweringRun.Add(graph, "MaxPoolGrad", [dYIn, pooled[1]], attributes, "dX")[0];
        graph.MarkOutput(pooled[0]);
        graph.MarkOutput(dX);

        var forced = new List<Value>();
        using (OpBuilder op = graph.BuildAtEnd("forced"))
        {
            var pool = new MaxPoolGradient(dX.Producer!);
            foreach (IFormulation<MaxPoolGradient> form in MaxPoolGradForms.Formulations)
                foreach (LoweringTarget target in (LoweringTarget[])[LoweringTarget.Cpu, Here.Target, Cuda])
                    if (form.Fits(pool, target))
                        forced.Add(Named(graph, form.Emit(op, pool, target)[0], $"{form.Name} {target.Device} {forced.Count}"));
        }
        Assert.HasCount(SlidingWindow.Of(dX.Producer!, window.Kernel, xIn.Shape).DropsWindow ? 3 : 6, forced);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);

        IReadOnlyDictionary<string, Tensor> got = LoweringRun.Run(graph, ("dY", dY), ("X", x));
        string what = $"{window}, storage order {storageOrder}, ties {ties}, symbolic {symbolic}";
        LoweringRun.AssertClose(PoolReference.MaxPool(x.Span<float>().ToArray(), window), got["Y"], Tolerance, $"Y of {what}");
        double[] expected = PoolReference.MaxPoolGradient(x.Span<float>().ToArray(), dY.Span<float>().ToArray(), window);
        foreach (Value made in forced.Append(dX))
            LoweringRun.AssertClose(expected, got[made.Name], Tolerance, $"{made.Name} of {what}");
    }

    [TestMethod]
    [DynamicData(nameof(Ranks))]
    public void AveragePoolGradSharesEachGradient(int rank)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random((1000 * rank) + seed);
            WindowCase window = Draw(random, rank);
            if (seed % 6 == 0) window = Tiles(window);
            CheckAveragePool(window, includePad: random.Next(2) == 1, symbolic: seed % 2, random);
        }
    }

    private static void CheckAveragePool(WindowCase window, bool includePad, int symbolic, Random random)
    {
        Graph graph = LoweringRun.NewGraph();
        Tensor x = LoweringRun.Uniform(random, [Batch, Channels, .. window.Input]);
        Tensor dY = LoweringRun.Uniform(random, [Batch, Channels, .. window.Output]);
        (string, object)[] attributes = [.. WithKernel(window), ("ceil_mode", window.Ceil), ("count_include_pad", includePad)];
        Value dYIn = graph.AddInput("dY", ElementType.Float, Declared(dY, symbolic));
        Value xIn = graph.AddInput("X", ElementType.Float, Declared(x, symbolic));
        graph.MarkOutput(LoweringRun.Add(graph, "AveragePool", [xIn], attributes, "Y")[0]);
        Value dX = LoweringRun.Add(graph, "AveragePoolGrad", [dYIn], attributes, "dX")[0];
        dX.Shape = xIn.Shape;
        graph.MarkOutput(dX);

        var forced = new List<Value>();
        using (OpBuilder op = graph.BuildAtEnd("forced"))
            forced.Add(Named(graph, AveragePoolGradLowering.Emit(op, dX.Producer!, Cuda), "for CUDA"));
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);

        IReadOnlyDictionary<string, Tensor> got = LoweringRun.Run(graph, ("dY", dY), ("X", x));
        string what = $"{window}, count_include_pad {includePad}, symbolic {symbolic}";
        double[] expected = PoolReference.AveragePoolGradient(dY.Span<float>().ToArray(), Batch * Channels, includePad, window);
        // The pool is linear, so ⟨dY, Y⟩ = ⟨dX, X⟩: ONNX Runtime's AveragePool counts as the reference does.
        Assert.AreEqual(Dot(dY.ToDouble(), got["Y"].ToDouble()), Dot(expected, x.ToDouble()), 1e-4, $"AveragePool of {what}");
        foreach (Value made in forced.Append(dX))
            LoweringRun.AssertClose(expected, got[made.Name], Tolerance, $"{made.Name} of {what}");
    }

    [TestMethod]
    public void TheMaxPoolNoLongerMakesIndices()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4, 4, 4));
        Value x = graph.AddInput("X", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4, 8, 8));
        (string, object)[] attributes = [("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })];
        Value[] pooled = LoweringRun.Add(graph, "MaxPool", [x], attributes, "Y", "Indices");
        graph.MarkOutput(LoweringRun.Add(graph, "MaxPoolGrad", [dY, pooled[1]], attributes, "dX")[0]);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        Assert.HasCount(1, pooled[0].Producer!.Outputs);
        Assert.IsNull(graph.Find("Indices"));
    }

    [TestMethod]
    public void SaysThatAnAveragePoolNeedsTheShape()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, null);
        graph.MarkOutput(LoweringRun.Add(graph, "AveragePoolGrad", [dY], [("kernel_shape", new long[] { 2, 2 })], "dX")[0]);
        GraphRewriteException thrown = Assert.ThrowsExactly<GraphRewriteException>(() => LowerTrainingOps.Apply(graph, LoweringTarget.Cpu));
        Assert.AreEqual(
            "Node 'AveragePoolGrad' (AveragePoolGrad, opset 21): the shape of its output 'dX' is not known; channels and spatial extents are needed. "
            + "Export with fixed image sizes, or run ONNX shape inference on the model.",
            thrown.Message);
    }

    [TestMethod]
    public void RefusesAutoPadThatCutsTheInput()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(1, 1, 1));
        (string, object)[] attributes = [("kernel_shape", new long[] { 1 }), ("strides", new long[] { 3 }), ("auto_pad", "SAME_UPPER")];
        Value dX = LoweringRun.Add(graph, "AveragePoolGrad", [dY], attributes, "dX")[0];
        dX.Shape = Shape.Of(1, 1, 3);
        graph.MarkOutput(dX);
        GraphRewriteException thrown = Assert.ThrowsExactly<GraphRewriteException>(() => LowerTrainingOps.Apply(graph, LoweringTarget.Cpu));
        Assert.AreEqual(
            "Node 'AveragePoolGrad' (AveragePoolGrad, opset 21): auto_pad=SAME_UPPER with stride 3 beyond the window's extent 1 cuts the input. "
            + "Export with explicit pads.",
            thrown.Message);
    }

    /// <summary>
    /// A window each of whose outputs sees the input (ONNX leaves the maximum and the average of nothing undefined), and whose auto_pad does not cut
    /// the input.
    /// </summary>
    private static WindowCase Draw(Random random, int rank)
    {
        while (true)
        {
            var window = WindowCase.Random(random, rank, pool: true);
            bool cuts = window.AutoPad.StartsWith("SAME", StringComparison.Ordinal)
                && Enumerable.Range(0, rank).Any(axis => Span(axis) < window.Input[axis]);
            if (!cuts && Grid.Indices(window.Output).All(SeesTheInput)) return window;

            long Span(int axis) => ((window.Output[axis] - 1) * window.Strides[axis]) + ((window.Kernel[axis] - 1) * window.Dilations[axis]) + 1;

            bool SeesTheInput(long[] output) =>
                Grid.Indices(window.Kernel).Any(position => Grid.Flat(window.At(output, position), window.Input) >= 0);
        }
    }

    /// <summary>A window that tiles its input.</summary>
    private static WindowCase Tiles(WindowCase window) => window with
    {
        Input = [.. window.Kernel.Select((kernel, axis) => kernel * (1 + (axis % 2)))],
        Strides = window.Kernel,
        Dilations = new long[window.Rank].Select(_ => 1L).ToArray(),
        PadsBegin = new long[window.Rank],
        PadsEnd = new long[window.Rank],
        AutoPad = "NOTSET",
    };

    private static (string Name, object Value)[] WithKernel(WindowCase window) =>
        [("kernel_shape", window.Kernel), .. window.Attributes.Where(attribute => attribute.Name != "kernel_shape")];

    private static Shape Declared(Tensor tensor, int symbolic) =>
        symbolic == 0 ? Shape.From(tensor.Dims) : Shape.From(tensor.Dims).With(0, Dim.Symbol("batch"));

    private static Value Named(Graph graph, Value value, string name)
    {
        value.Type = ElementType.Float;
        graph.Rename(value, name);
        graph.MarkOutput(value);
        return value;
    }

    private static double Dot(double[] a, double[] b)
    {
        Assert.HasCount(a.Length, b);
        return a.Zip(b, (x, y) => x * y).Sum();
    }
}
