using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Kernels;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using TrActOnnx.Tests.Reference;
using TrActOnnx.Tests.TrAct;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.Lowering;

/// <summary>How formulations are forced, chosen and reported; through the whole pipeline.</summary>
[TestClass]
public sealed class FormulationTests
{
    private const double Tolerance = 1e-5;

    private static readonly WindowCase Tiles = new([8, 8], [2, 2], [2, 2], [1, 1], [0, 0], [0, 0], "NOTSET", Ceil: false);
    private static readonly WindowCase Overlapping = new([7, 6], [3, 3], [1, 1], [1, 1], [1, 1], [1, 1], "NOTSET", Ceil: false);
    private static readonly WindowCase Strided = new([9, 9], [3, 3], [2, 2], [1, 1], [0, 0], [0, 0], "NOTSET", Ceil: false);

    /// <summary>Layers of which each formulation fits one at least: windows that tile X, that overlap, with strides, depthwise.</summary>
    private static readonly (WindowCase Window, long Groups, long Channels)[] Layers =
        [(Tiles, 1, 16), (Overlapping, 1, 16), (Strided, 1, 16), (Overlapping, 4, 4)];

    /// <summary>Every formulation of a convolution and its gradients; those of max pools and of TrAct's parts have tests of their own.</summary>
    public static IEnumerable<object[]> ConvolutionForms =>
        from part in new Part[] { FormulationTable.Convolution, FormulationTable.InputGradient, FormulationTable.WeightGradient }
        from form in part.All
        select new object[] { part.Name, form.Name };

    /// <summary>What CUDA takes are formulations of the part.</summary>
    [TestMethod]
    public void WhatCudaPrefersExists()
    {
        foreach (Part part in FormulationTable.All)
            CollectionAssert.IsSubsetOf(part.OnCuda.ToArray(), part.All.Select(formulation => formulation.Name).ToArray(), part.Name);
        Assert.IsTrue(FormulationTable.All.Any(part => part.OnCuda.Count > 0));
    }

    [TestMethod]
    [DynamicData(nameof(ConvolutionForms))]
    public void AForcedFormulationIsTakenWhereItFitsAndComputesTheSame(string part, string form)
    {
        LoweringTarget target = Device.Open(ExecutionDevice.Cpu).Target with { Forced = FormulationTable.Parse($"{part}={form}") };
        int taken = 0;
        foreach ((WindowCase window, long groups, long channels) in Layers)
            taken += Check(window, groups, channels, target).Count(choice => choice.Part == part && choice.Form == form);
        if (taken == 0 && form is "blocked" or "phases") LoweringRun.NeedsBlocks(target);
        Assert.IsGreaterThan(0, taken, $"{part}={form} fits none of the layers");
    }

    private static IReadOnlyList<FormChoice> Check(WindowCase window, long groups, long channels, LoweringTarget target)
    {
        const long Batch = 16;
        var random = new Random(1);
        Graph graph = LoweringRun.NewGraph();
        Tensor x = LoweringRun.Uniform(random, [Batch, channels, .. window.Input]);
        Tensor w = LoweringRun.Uniform(random, [channels, channels / groups, .. window.Kernel]);
        Tensor dY = LoweringRun.Uniform(random, [Batch, channels, .. window.Output]);
        Value dYIn = graph.AddInput("dY", ElementType.Float, Shape.From(dY.Dims));
        Value xIn = graph.AddInput("X", ElementType.Float, Shape.From(x.Dims));
        Value wIn = graph.AddInput("W", ElementType.Float, Shape.From(w.Dims));
        (string, object)[] attributes = [.. window.Attributes, ("group", groups)];
        graph.MarkOutput(LoweringRun.Add(graph, "Conv", [xIn, wIn], attributes, "Y")[0]);
        Value[] gradients = LoweringRun.Add(graph, "com.microsoft::ConvGrad", [dYIn, xIn, wIn], attributes, "dX", "dW");
        foreach (Value gradient in gradients) graph.MarkOutput(gradient);

        IReadOnlyList<FormChoice> choices = LoweringPipeline.Apply(new Model(graph), target);
        CollectionAssert.AreEqual(new[] { "conv", "dX", "dW" }, choices.Select(choice => choice.Part).ToArray());
        IReadOnlyDictionary<string, Tensor> got = LoweringRun.Run(graph, ("dY", dY), ("X", x), ("W", w));
        (double[] dX, double[] dW, _) = ConvReference.Gradients(
            x.Span<float>().ToArray(), w.Span<float>().ToArray(), dY.Span<float>().ToArray(), Batch, channels, channels, groups, window);
        LoweringRun.AssertClose(dX, got["dX"], Tolerance, $"dX of {window}");
        LoweringRun.AssertClose(dW, got["dW"], Tolerance, $"dW of {window}");
        // ⟨dY, Y⟩ = ⟨dX, X⟩: the convolution is linear in X.
        double expected = dX.Zip(x.ToDouble(), (a, b) => a * b).Sum(), size = dX.Zip(x.ToDouble(), (a, b) => Math.Abs(a * b)).Sum();
        Assert.AreEqual(expected, dY.ToDouble().Zip(got["Y"].ToDouble(), (a, b) => a * b).Sum(), 1e-6 * size, $"Y of {window}");
        return choices;
    }

    /// <summary>The patches that TrAct's Gram matrix is made of serve the weight gradient too, where they are made at once.</summary>
    [TestMethod]
    [DataRow(64L, 1L, 28L, 1L, true)]
    [DataRow(64L, 3L, 224L, 1L, false, DisplayName = "in parts: each is given back before the next")]
    [DataRow(64L, 3L, 30L, 5L, false, DisplayName = "windows that tile the image: nothing is stacked")]
    public void TheWeightGradientTakesTheColumnsOfTheGramMatrix(long batch, long channels, long extent, long stride, bool isShared)
    {
        (string, object) strides = ("strides", new long[] { stride, stride });
        foreach (bool hasTrAct in new[] { false, true })
        {
            Model model = TrainingGraphs.Empty(21);
            Graph graph = model.Graph;
            Value x = graph.AddInput("x", ElementType.Float, Shape.Of(batch, channels, extent, extent));
            Value dY = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(batch, 16, ((extent - 5) / stride) + 1, ((extent - 5) / stride) + 1));
            Value w = graph.AddInput("W", ElementType.Float, Shape.Of(16, channels, 5, 5));
            using (OpBuilder op = graph.BuildAtEnd("net"))
            {
                TrainingGraphs.Output(op.Op("Conv", [x, w], strides), "Y");
                TrainingGraphs.Output(TrainingGraphs.ConvGrad(op, dY, x, w, ("kernel_shape", new long[] { 5, 5 }), strides), "W_grad");
            }
            if (hasTrAct) TrActRewrite.Apply(model, TrainingGraphs.Options());
            IReadOnlyList<FormChoice> choices = LoweringPipeline.Apply(model, LoweringTarget.Cpu);
            Assert.AreEqual(hasTrAct && isShared, choices.Single(choice => choice.Part == "dW").Form == "stacked", $"TrAct {hasTrAct}");
            int stacks = graph.Nodes.Count(node => node.Op.Type == "Concat" && node.Inputs.Count == 5);
            Assert.AreEqual(hasTrAct && isShared ? 1 : 0, isShared ? stacks : 0);
        }
    }

    /// <summary>TrAct's bound on the error of its solve is one for dW as the sums of a matrix product round it.</summary>
    [TestMethod]
    [DataRow("winograd", false, true)]
    [DataRow("winograd", true, false)]
    [DataRow("blocked", false, true)]
    [DataRow("blocked", true, false)]
    public void WhatASolveMagnifiesIsAPlainProduct(string form, bool hasTrAct, bool isTaken)
    {
        Model model = TrainingGraphs.Empty(21);
        Graph graph = model.Graph;
        Value x = Input("x", 64, 16, 8, 8), dY = Input("Y_grad", 64, 32, 6, 6), w = Input("W", 32, 16, 3, 3);
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            TrainingGraphs.Output(op.Op("Conv", [x, w]), "Y");
            TrainingGraphs.Output(TrainingGraphs.ConvGrad(op, dY, x, w, ("kernel_shape", new long[] { 3, 3 })), "W_grad");
        }
        if (hasTrAct) TrActRewrite.Apply(model, TrainingGraphs.Options());
        LoweringTarget forced = new() { ChannelBlock = 16, Forced = FormulationTable.Parse($"dW={form}") };
        Assert.AreEqual(isTaken, LoweringPipeline.Apply(model, forced).Single(choice => choice.Part == "dW").Form == form);

        Value Input(string name, params long[] dims) => graph.AddInput(name, ElementType.Float, Shape.From(dims));
    }

    [TestMethod]
    public void TargetsAreValues()
    {
        LoweringTarget one = new() { ChannelBlock = 8, Forced = FormulationTable.Parse("dW=stacked, solve=inverse") };
        LoweringTarget other = new() { ChannelBlock = 8, Forced = FormulationTable.Parse("solve=inverse,dW=stacked") };
        Assert.AreEqual(one, other);
        Assert.AreEqual(one.GetHashCode(), other.GetHashCode());
        Assert.AreNotEqual(one, other with { Forced = FormulationTable.Parse("dW=stacked") });
        Assert.AreNotEqual(one, other with { Forced = FormulationTable.Parse("dW=swapped,solve=inverse") });
        Assert.AreNotEqual(one, other with { ChannelBlock = 16 });
        Assert.AreEqual("dW=stacked,solve=inverse", one.Forced.ToString());
        Assert.AreEqual(LoweringTarget.Cpu, new LoweringTarget { Forced = FormulationTable.Parse("") });
    }

    /// <summary>A target outlives the graphs that are lowered for it: nothing of one run is left in it.</summary>
    [TestMethod]
    public void ARunLeavesNothingInTheTarget()
    {
        LoweringTarget target = new();
        Assert.HasCount(3, Check(Tiles, 1, 4, target));
        Assert.HasCount(3, Check(Tiles, 1, 4, target));
        Assert.AreEqual(LoweringTarget.Cpu, target);
    }

    [TestMethod]
    [DataRow("dW=best",
        "Forms dW=best: 'dW=best' is not a formulation. There are: conv=plain, conv=blocked, conv=tiles, conv=positions, conv=winograd; dX=flipped")]
    [DataRow("dW=volume,depth", "Forms dW=volume,depth: 'depth' is not a formulation. There are:")]
    [DataRow("solve=taps", "Forms solve=taps: 'solve=taps' is not a formulation. There are:")]
    public void SaysWhichFormulationsThereAre(string text, string message)
    {
        GraphRewriteException thrown = Assert.ThrowsExactly<GraphRewriteException>(() => FormulationTable.Parse(text));
        StringAssert.StartsWith(thrown.Message, message);
        StringAssert.EndsWith(thrown.Message, "; solve=blocks, solve=inverse.");
    }

    [TestMethod]
    public void NamesAreUniqueInAPart()
    {
        CollectionAssert.AllItemsAreUnique(FormulationTable.All.Select(part => part.Name).ToArray());
        foreach (Part part in FormulationTable.All) CollectionAssert.AllItemsAreUnique(part.All.Select(form => form.Name).ToArray(), part.Name);
    }
}
