using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.TrAct;
using TrainingHost.Reporting;

namespace TrActOnnx.Tests.TrAct;

/// <summary>Each refusal by its message.</summary>
[TestClass]
public sealed class FirstLayerRefusalTests
{
    [TestMethod]
    public void NoLayer() => Refused(
        Linear((op, x, w) => op.Op("Relu", [x]), gradient: false), TrainingGraphs.Options(),
        "TrAct: Graph 'training': it has no Conv, Gemm or MatMul between its inputs ('x') and its outputs that has a parameter as its weight; "
        + "TrAct has nothing to rewrite. Train with --no-tract.");

    [TestMethod]
    public void Frozen() => Refused(
        Two(), TrainingGraphs.Options(trainable: "V"),
        "TrAct: Node 'net/MatMul' (MatMul, opset 17): the layer is frozen: its weight 'W' is not trained, so it has no gradient to rewrite. "
        + "Name another layer with --layer (such as 'net/MatMul_1' (V)), or train 'W'.");

    [TestMethod]
    public void FrozenByName() => Refused(
        Two(), TrainingGraphs.Options(trainable: "V") with { Layers = ["W"] },
        "TrAct: Node 'net/MatMul' (MatMul, opset 17): the layer is frozen: its weight 'W' is not trained, so it has no gradient to rewrite. "
        + "Name another layer with --layer (such as 'net/MatMul_1' (V)), or train 'W'.");

    [TestMethod]
    public void UnknownLayer() => Refused(
        Two(), TrainingGraphs.Options(trainable: ["W", "V"]) with { Layers = ["conv9"] },
        "TrAct: --layer conv9: the model has no node or parameter of that name. Layers that can be named: 'net/MatMul' (W), 'net/MatMul_1' (V).");

    [TestMethod]
    public void NoLayerOfThatName() => Refused(
        Two(), TrainingGraphs.Options(trainable: ["W", "V"]) with { Layers = ["net/Relu"] },
        "TrAct: --layer net/Relu: node 'net/Relu' (Relu, opset 17) is no layer of the forward pass with a weight. "
        + "Layers that can be named: 'net/MatMul' (W), 'net/MatMul_1' (V).");

    [TestMethod]
    [DataRow(0.0, "0")]
    [DataRow(-1.0, "-1")]
    [DataRow(double.NaN, "NaN")]
    [DataRow(double.PositiveInfinity, "Infinity")]
    [DataRow(1e-60, "1E-60")]
    public void Lambda(double lambda, string shown) => Refused(
        Two(), TrainingGraphs.Options(lambda), $"TrAct: --lambda {shown}: λ must be a finite number above 0 (0.1 is the usual one).");

    [TestMethod]
    public void Twice()
    {
        Model model = Two();
        TrActRewrite.Apply(model, TrainingGraphs.Options());
        Refused(model, TrainingGraphs.Options(), "TrAct: Graph 'training': it is rewritten already (TrAct in net/MatMul, λ = 0.1). "
            + "Rewrite the original artifacts instead.");
        model.Metadata.Clear();
        Refused(model, TrainingGraphs.Options(), "TrAct: Graph 'training': it is rewritten already (it has a value 'tract.lambda'). "
            + "Rewrite the original artifacts instead.");
    }

    [TestMethod]
    public void Embedding()
    {
        Model model = TrainingGraphs.Empty();
        Graph graph = model.Graph;
        Value ids = graph.AddInput("x", ElementType.Int64, Shape.Of(Dim.Symbol("batch"), 5));
        Value table = graph.AddInput("emb", ElementType.Float, Shape.Of(100, 6));
        Value w = graph.AddInput("W", ElementType.Float, Shape.Of(6, 3));
        using OpBuilder op = graph.BuildAtEnd("net");
        TrainingGraphs.Output(op.MatMul(op.Gather(table, ids), w), "Y");
        Refused(model, TrainingGraphs.Options(trainable: ["emb", "W"]),
            "TrAct: Node 'net/Gather' (Gather, opset 17): the model begins with an Embedding, which looks up 'emb' by the input; "
            + "TrAct needs a first Conv, Gemm or MatMul on numbers, not on token ids. Name a later layer with --layer, or train with --no-tract.");
    }

    [TestMethod]
    public void Einsum() => Refused(
        Linear((op, x, w) => op.Op("Einsum", [x, w], ("equation", "bn,nm->bm")), gradient: false), TrainingGraphs.Options(),
        "TrAct: Node 'net/Einsum' (Einsum, opset 17): the layer has no closed form; TrAct knows Conv, "
        + "and Gemm and MatMul with the weight on the right. "
        + "Name another layer with --layer, or train with --no-tract.");

    [TestMethod]
    public void WeightOnTheLeft() => Refused(
        Linear((op, x, w) => op.MatMul(op.Transpose(w, 1, 0), op.Transpose(x, 1, 0)), gradient: false), TrainingGraphs.Options(),
        "TrAct: Node 'net/MatMul' (MatMul, opset 17): the layer has its weight as the left operand; "
        + "TrAct knows Conv, and Gemm and MatMul with the weight on the right. Name another layer with --layer, or train with --no-tract.");

    [TestMethod]
    public void NoGradient() => Refused(
        Linear((op, x, w) => op.MatMul(x, w), gradient: false), TrainingGraphs.Options(),
        "TrAct: Node 'net/MatMul' (MatMul, opset 17): the layer has no weight gradient in the graph: "
        + "expected a Gemm or MatMul of X and the gradient of the layer's output that leads to 'W_grad'. "
        + "Make the training graph anew, with 'W' among the trained parameters.");

    private static void Refused(Model model, TrActOptions options, string message) =>
        Assert.AreEqual(message, Assert.ThrowsExactly<GraphRewriteException>(() => TrActRewrite.Apply(model, options)).Describe(OptionNames.Of));

    /// <summary>Y = f(x, W), dW = xᵀ dY.</summary>
    private static Model Linear(Func<OpBuilder, Value, Value, Value> layer, bool gradient = true)
    {
        Model model = TrainingGraphs.Empty();
        Graph graph = model.Graph;
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 4));
        Value w = graph.AddInput("W", ElementType.Float, Shape.Of(4, 3));
        using OpBuilder op = graph.BuildAtEnd("net");
        TrainingGraphs.Output(layer(op, x, w), "Y");
        if (!gradient) return model;
        Value dY = graph.AddInput("Y_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 3));
        TrainingGraphs.Output(op.Gemm(x, dY, transA: true), "W_grad");
        return model;
    }

    /// <summary>Y = Relu(x W) V with both gradients.</summary>
    private static Model Two()
    {
        Value? hidden = null;
        Model model = Linear((op, x, w) => op.MatMul(
            hidden = op.Op("Relu", [op.MatMul(x, w)]), op.Graph.AddInput("V", ElementType.Float, Shape.Of(3, 2))));
        using OpBuilder op = model.Graph.BuildAtEnd("grad");
        TrainingGraphs.Output(op.Gemm(
            hidden!, model.Graph.AddInput("Z_grad", ElementType.Float, Shape.Of(Dim.Symbol("batch"), 2)), transA: true), "V_grad");
        return model;
    }
}
