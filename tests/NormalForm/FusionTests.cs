using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.NormalForm;

namespace TrActOnnx.Tests.NormalForm;

/// <summary>What exporters spell out becomes one operator, and only where it is that operator. The numbers are held by the operator rows.</summary>
[TestClass]
public sealed class FusionTests
{
    [TestMethod]
    [DataRow(1.4142135, 1.0, 0.5, "Gelu")]
    [DataRow(1.414, 1.0, 0.5, "Div Erf Add Mul Mul")]
    [DataRow(1.4142135, 0.9, 0.5, "Div Erf Add Mul Mul")]
    [DataRow(1.4142135, 1.0, 0.6, "Div Erf Add Mul Mul")]
    public void GeluHasItsConstants(double divisor, double shift, double half, string expected) => Assert.AreEqual(expected, Normalized((op, x, _) =>
        x * (op.Erf(x / op.ScalarLike(x, divisor)) + op.ScalarLike(x, shift)) * op.ScalarLike(x, half)));

    [TestMethod]
    public void GeluIsOfOneValue() => Assert.AreEqual("Div Erf Add Mul Mul", Normalized((op, x, w) =>
        w * (op.Erf(x / op.ScalarLike(x, Math.Sqrt(2))) + op.ScalarLike(x, 1)) * op.ScalarLike(x, 0.5)));

    [TestMethod]
    public void GeluWhoseErfIsUsedStays() => Assert.AreEqual("Div Erf Add Mul Mul Add", Normalized((op, x, _) =>
    {
        Value erf = op.Erf(x / op.ScalarLike(x, Math.Sqrt(2)));
        return (x * (erf + op.ScalarLike(x, 1)) * op.ScalarLike(x, 0.5)) + erf;
    }));

    [TestMethod]
    public void SiluIsQuickGelu() => Assert.AreEqual("QuickGelu", Normalized((op, x, _) => op.Sigmoid(x) * x));

    [TestMethod]
    public void GateOfAnotherValueStays() => Assert.AreEqual("Sigmoid Mul", Normalized((op, x, w) => op.Sigmoid(x) * w));

    [TestMethod]
    public void GateThatIsUsedStays() => Assert.AreEqual("Sigmoid Mul Add", Normalized((op, x, _) =>
    {
        Value gate = op.Sigmoid(x);
        return (x * gate) + gate;
    }));

    [TestMethod]
    [DataRow(new long[] { -1 }, new long[] { -1 }, "LayerNormalization")]
    [DataRow(new long[] { -2 }, new long[] { -2 }, "ReduceMean Sub Pow ReduceMean Add Sqrt Div Mul Add")]
    [DataRow(new long[] { -1 }, new long[] { 0, 1 }, "ReduceMean Sub Pow ReduceMean Add Sqrt Div Mul Add")]
    public void LayerNormalizationIsOverTheLastAxes(long[] mean, long[] variance, string expected) =>
        Assert.AreEqual(expected, Normalized((op, x, w) =>
    {
        Value centerd = x - op.ReduceMean(x, mean, keepDims: true);
        Value square = op.Op("Pow", [centerd, op.ScalarLike(x, 2)]);
        return (centerd / op.Sqrt(op.ReduceMean(square, variance, keepDims: true) + op.ScalarLike(x, 1e-5)) * w) + w;
    }));

    /// <summary>The operators of f(x, w), x of [3, 4], w of [4], in the normal form.</summary>
    private static string Normalized(Func<OpBuilder, Value, Value, Value> function)
    {
        var graph = new Graph("forms", new Dictionary<string, long> { [OpId.Onnx] = 17 });
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(3, 4)), w = graph.AddInput("w", ElementType.Float, Shape.Of(4));
        using (OpBuilder op = graph.BuildAtEnd("form")) graph.MarkOutput(function(op, x, w));
        ForwardNormalForm.Apply(graph, BatchNormMode.Train);
        return string.Join(' ', graph.Nodes.Select(node => node.Op.Type));
    }
}
