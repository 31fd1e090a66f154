using GraphRewrite.IR;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class SoftmaxGradLoweringTests
{
    [TestMethod]
    [DataRow("_13", -1, new[] { 2 })]
    [DataRow("_13", 1, new[] { 1 })]
    [DataRow("", 1, new[] { 1, 2 })]
    [DataRow("", -1, new[] { 2 })]
    [DataRow("", 0, new[] { 0, 1, 2 })]
    public void IsTheDerivativeOfTheForward(string form, int axis, int[] axes)
    {
        var random = new Random(31);
        (Array64 x, Array64 dY) = (Array64.Normal(random, 3, 4, 5), Array64.Normal(random, 3, 4, 5));
        (string, object)[] attributes = form == "_13" && axis == -1 ? [] : [("axis", axis)]; // −1 is its default
        Array64 dX = LoweringCheck.Gradient(Softmax, x, dY);
        LoweringCheck.Agrees(new(OpId.Microsoft, $"SoftmaxGrad{form}"), [dY.ToFloat(), Softmax(x).ToFloat()], [dX], attributes);
        Array64 logDX = LoweringCheck.Gradient(v => Softmax(v).Map(Math.Log), x, dY);
        LoweringCheck.Agrees(new(OpId.Microsoft, $"LogSoftmaxGrad{form}"),
            [dY.ToFloat(), Softmax(x).Map(Math.Log).ToFloat()], [logDX], attributes);

        Array64 Softmax(Array64 v) => v.Map(Math.Exp) / v.Map(Math.Exp).Sum(axes);
    }
}
