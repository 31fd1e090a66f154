using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Conv;
using GraphRewrite.Lowering;
using TrActOnnx.Tests.Reference;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class ConvGradLoweringTests
{
    private const double Tolerance = 1e-5;

    public static IEnumerable<object[]> Ranks => [[1], [2], [3]];

    [TestMethod]
    [DynamicData(nameof(Ranks))]
    public void EveryFormEqualsTheDefinition(int rank)
    {
        var exercised = new HashSet<string>();
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random((1000 * rank) + seed);
            var window = seed % 6 == 4 ? WindowCase.RandomTiles(random, rank) : WindowCase.Random(random, rank, pool: false);
            long groups = random.Next(1, 4), inputs = groups * random.Next(1, 4), outputs = groups * random.Next(1, 4);
            // Static, symbolic batch, all symbolic: auto_pad with strides needs the extents.
            int symbolic = seed % 3 == 2 && window.AutoPad.StartsWith("SAME", StringComparison.Ordinal) ? 1 : seed % 3;
            Check(window, groups, inputs, outputs, symbolic, random, LoweringTarget.Cpu, exercised);
        }
        string[] blocked = ["dX=blocked", "dX=phases", "dW=blocked"], others = rank == 3 ? [.. blocked, "dX=winograd", "dW=volume", "dW=winograd"] : blocked;
        CollectionAssert.IsSubsetOf(AllForms.Select(form => form.Name).Except(others).ToArray(), exercised.ToArray());
    }

    /// <summary>Convolutions of whole blocks of channels, and near misses, in the layout of the machine that runs the test.</summary>
    [TestMethod]
    public void EveryFormEqualsTheDefinitionInBlocks()
    {
        LoweringTarget target = Device.Open(ExecutionDevice.Cpu).Target;
        LoweringRun.NeedsBlocks(target);
        var exercised = new HashSet<string>();
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(5000 + seed);
            var window = WindowCase.Random(random, 2, pool: false);
            long inputs = seed % 4 == 3 ? random.Next(1, target.ChannelBlock) : target.ChannelBlock * random.Next(1, 4);
            long outputs = (target.ChannelBlock * random.Next(1, 4)) + (seed % 5 == 0 ? 1 : 0);
            long batch = seed % 3 == 0 ? 3 : target.ChannelBlock * random.Next(1, 3);
            Check(window, 1, inputs, outputs, symbolic: seed % 2, random, target, exercised, batch);
        }
        CollectionAssert.IsSubsetOf(new[] { "dX=blocked", "dX=phases", "dW=blocked" }, exercised.ToArray());
    }

    /// <summary>Kernels of three: images of an odd and an even number of tiles, of few positions and of more, any pads.</summary>
    [TestMethod]
    [DynamicData(nameof(Ranks))]
    public void WinogradEqualsTheDefinition(int rank)
    {
        for (int seed = 0; seed < 24; seed++)
        {
            var random = new Random((100 * rank) + seed);
            long[] Draw(int from, int to) => [.. Enumerable.Range(0, rank).Select(_ => random.NextInt64(from, to))];
            long[] all = [.. Enumerable.Repeat(1L, rank)];
            var window = new WindowCase(Draw(3, rank == 3 ? 6 : 10), [.. all.Select(_ => 3L)], all, all, Draw(0, 4), Draw(0, 4), "NOTSET", Ceil: false);
            var exercised = new HashSet<string>();
            Check(window, 1, random.Next(1, 6), random.Next(1, 6), symbolic: seed % 2, random, LoweringTarget.Cpu, exercised);
            CollectionAssert.IsSubsetOf(new[] { "conv=winograd", "dX=winograd", "dW=winograd" }, exercised.ToArray());
        }
    }

    /// <summary>Rows of 1024 elements or a multiple become shorter ones in parts of the batch, where it has parts of whole images.</summary>
    [TestMethod]
    [DataRow(4, new long[] { 16, 16 }, 1L, 2L)]
    [DataRow(4, new long[] { 32, 32 }, 2L, 2L, DisplayName = "strides, which leave a rest of X")]
    [DataRow(8, new long[] { 512 }, 1L, 8L)]
    [DataRow(6, new long[] { 512 }, 1L, 2L, DisplayName = "rows of 1536 elements")]
    [DataRow(2, new long[] { 1024 }, 1L, 1L, DisplayName = "an image's own row is a multiple")]
    [DataRow(3, new long[] { 16, 16 }, 1L, 1L, DisplayName = "rows of 768 elements")]
    public void EveryFormEqualsTheDefinitionInParts(int batch, long[] input, long stride, long parts)
    {
        long[] All(long value) => [.. input.Select(_ => value)];
        var window = new WindowCase(input, All(3), All(stride), All(1), All(1), All(1), "NOTSET", Ceil: false);
        var exercised = new HashSet<string>();
        Assert.AreEqual(parts, Check(window, 1, 2, 3, symbolic: 0, new Random(batch), LoweringTarget.Cpu, exercised, batch));
        CollectionAssert.IsSubsetOf(new[] { "dW=volume", "dW=swapped" }, exercised.ToArray());
    }

    [TestMethod]
    public void NoImagesAreOnePart()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(0, 3, 16, 16)), x = graph.AddInput("X", ElementType.Float, Shape.Of(0, 2, 18, 18));
        Value w = graph.AddInput("W", ElementType.Float, Shape.Of(3, 2, 3, 3));
        Node node = LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dY, x, w], [], "dX", "dW")[0].Producer!;
        using OpBuilder op = graph.BuildAtEnd("parts");
        Assert.AreEqual(1, new BatchParts(op, new ConvolutionGradient(node), LoweringTarget.Cpu).Count);
    }

    private static IEnumerable<(IFormulation<ConvolutionGradient> Form, string Name)> AllForms =>
        ConvInputGradient.Formulations.Select(form => (form, $"dX={form.Name}"))
            .Concat(ConvWeightGradient.Formulations.Select(form => (form, $"dW={form.Name}")));

    /// <returns>The parts that the batch is dealt into.</returns>
    private static long Check(
        WindowCase window, long groups, long inputs, long outputs, int symbolic, Random random, LoweringTarget target, HashSet<string> exercised,
        long batch = 3)
    {
        Graph graph = LoweringRun.NewGraph();
        Tensor x = LoweringRun.Uniform(random, [batch, inputs, .. window.Input]);
        Tensor w = LoweringRun.Uniform(random, [outputs, inputs / groups, .. window.Kernel]);
        Tensor dY = LoweringRun.Uniform(random, [batch, outputs, .. window.Output]);
        Value dYIn = graph.AddInput("dY", ElementType.Float, Declared("o", dY, symbolic));
        Value xIn = graph.AddInput("X", ElementType.Float, Declared("i", x, symbolic));
        Value wIn = graph.AddInput("W", ElementType.Float, Shape.From(w.Dims));
        (string, object)[] attributes = [.. window.Attributes, ("group", groups)];
        Value[] gradients = LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dYIn, xIn, wIn], attributes, "dX", "dW", "dB");
        foreach (Value gradient in gradients) graph.MarkOutput(gradient);
        graph.MarkOutput(LoweringRun.Add(graph, "Conv", [xIn, wIn], attributes, "Y")[0]);

        Node node = gradients[0].Producer!;
        var conv = new ConvolutionGradient(node);
        var forced = new List<string>();
        long parts;
        using (OpBuilder op = graph.BuildAtEnd("forced"))
        {
            parts = new BatchParts(op, conv, target).Count;
            var forward = new ForwardConvolution(graph.Get("Y").Producer!);
            foreach (IFormulation<ForwardConvolution> form in ConvForward.Formulations.Where(form => form.Fits(forward, target)).Skip(1))
            {
                Value made = form.Emit(op, forward, target)[0];
                graph.Rename(made, $"Y.{form.Name}");
                graph.MarkOutput(made);
                exercised.Add($"conv={form.Name}");
            }
            foreach ((IFormulation<ConvolutionGradient> form, string name) in AllForms)
            {
                if (!form.Fits(conv, target)) continue;
                Value made = form.Emit(op, conv, target)[0];
                made.Type = ElementType.Float;
                graph.Rename(made, name);
                graph.MarkOutput(made);
                forced.Add(name);
                exercised.Add(name);
            }
        }
        LowerTrainingOps.Apply(graph, target);

        IReadOnlyDictionary<string, Tensor> got = LoweringRun.Run(graph, ("dY", dY), ("X", x), ("W", w));
        (double[] dX, double[] dW, double[] dB) = ConvReference.Gradients(
            x.Span<float>().ToArray(), w.Span<float>().ToArray(), dY.Span<float>().ToArray(), batch, outputs, inputs, groups, window);
        string what = $"group {groups}, {inputs} → {outputs} channels, {window}, symbolic {symbolic}";
        LoweringRun.AssertClose(dX, got["dX"], Tolerance, $"dX of {what}");
        LoweringRun.AssertClose(dW, got["dW"], Tolerance, $"dW of {what}");
        LoweringRun.AssertClose(dB, got["dB"], Tolerance, $"dB of {what}");
        // ⟨dY, Y⟩ = ⟨dX, X⟩: ONNX Runtime's Conv reads the attributes as the reference does.
        double bound = (1e-6 * Dot(Absolute(dX), Absolute(x.ToDouble()))) + 1e-4;
        Assert.AreEqual(Dot(dY.ToDouble(), got["Y"].ToDouble()), Dot(dX, x.ToDouble()), bound, $"Conv of {what}");
        foreach (string name in got.Keys.Where(name => name.StartsWith("Y.", StringComparison.Ordinal)))
            LoweringRun.AssertClose(got["Y"].ToDouble(), got[name], Tolerance, $"{name} of {what}");
        foreach (string name in forced)
            LoweringRun.AssertClose(name.StartsWith("dX", StringComparison.Ordinal) ? dX : dW, got[name], Tolerance, $"{name} of {what}");
        return parts;
    }

    private static double[] Absolute(double[] a) => [.. a.Select(Math.Abs)];

    private static double Dot(double[] a, double[] b)
    {
        Assert.HasCount(a.Length, b);
        return a.Zip(b, (x, y) => x * y).Sum();
    }

    /// <summary>0: static; 1: symbolic batch; 2: symbolic batch and spatial extents.</summary>
    private static Shape Declared(string prefix, Tensor tensor, int symbolic) => new([.. tensor.Dims.Select(
        (extent, axis) => axis == 0 && symbolic > 0 ? Dim.Symbol("batch") : axis > 1 && symbolic > 1 ? Dim.Symbol($"{prefix}{axis}") : extent)]);

    [TestMethod]
    public void EmitsOnlyWhatIsUsed()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4, 8, 8));
        Value x = graph.AddInput("X", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 3, 8, 8));
        Value w = graph.AddInput("W", ElementType.Float, Shape.Of(4, 3, 3, 3));
        Value[] gradients = LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dY, x, w], [("pads", new long[] { 1, 1, 1, 1 })], "dX", "dW", "dB");
        graph.MarkOutput(gradients[2]);
        LowerTrainingOps.Apply(graph, LoweringTarget.Cpu);
        CollectionAssert.AreEqual(new[] { "ReduceSum" }, graph.Nodes.Select(node => node.Op.Type).ToArray());
    }

    [TestMethod]
    public void SaysWhereTheWeightsShapeIsUnknown()
    {
        Graph graph = LoweringRun.NewGraph();
        Value dY = graph.AddInput("dY", ElementType.Float, null);
        Value x = graph.AddInput("X", ElementType.Float, null);
        Value w = graph.AddInput("W", ElementType.Float, null);
        graph.MarkOutput(LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dY, x, w], [], "dX")[0]);
        GraphRewriteException thrown = Assert.ThrowsExactly<GraphRewriteException>(() => LowerTrainingOps.Apply(graph, LoweringTarget.Cpu));
        Assert.AreEqual(
            "Node 'ConvGrad' (com.microsoft::ConvGrad, opset 1): the shape of the weight 'W' is not known (no rank). "
            + "Declare it in value_info: run ONNX shape inference on the model.",
            thrown.Message);
    }
}
