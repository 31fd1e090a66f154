using GraphRewrite.IR;

namespace TrActOnnx.Tests.Lowering;

[TestClass]
public sealed class BroadcastGradLoweringTests
{
    [TestMethod]
    [DataRow(new long[] { 3, 4 }, new long[] { 3, 4 }, new long[] { }, new long[] { })]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 4 }, new long[] { }, new long[] { 1, 0 })]
    [DataRow(new long[] { 3, 1 }, new long[] { 2, 1, 4 }, new long[] { 2, 0 }, new long[] { 1 })]
    [DataRow(new long[] { }, new long[] { 2, 3 }, new long[] { 1, 0 }, new long[] { })]
    public void NamesTheAxesThatWereRepeated(long[] a, long[] b, long[] axesA, long[] axesB)
    {
        foreach (bool stored in new[] { true, false })
        {
            Arg?[] shapes = [new(Tensor.Vector(a), stored), new(Tensor.Vector(b), stored)];
            var model = OneNodeModel.Of("com.microsoft::BroadcastGradientArgs", 21, shapes, 2);
            IReadOnlyDictionary<string, Tensor> made = LoweringCheck.Run(model);
            CollectionAssert.AreEquivalent(axesA, made["y0"].Span<long>().ToArray());
            CollectionAssert.AreEquivalent(axesB, made["y1"].Span<long>().ToArray());
        }
    }

    [TestMethod]
    [DataRow(new long[] { 3, 4 }, new long[] { 3, 4 })]
    [DataRow(new long[] { 2, 3, 4 }, new long[] { 3, 1 })]
    [DataRow(new long[] { 4 }, new long[] { 2, 3, 4 })]
    [DataRow(new long[] { 2, 1 }, new long[] { 1, 3 })]
    public void DivGradSumsToTheOperandsShapes(long[] dimsA, long[] dimsB)
    {
        var random = new Random(61);
        (Array64 a, Array64 b) = (Array64.Normal(random, dimsA), Array64.Normal(random, dimsB).Map(v => (float)Math.Exp(v)));
        Array64 dY = Array64.Normal(random, (a / b).Dims);
        LoweringCheck.Agrees("com.microsoft::DivGrad", [dY.ToFloat(), a.ToFloat(), b.ToFloat()],
            [LoweringCheck.Gradient(v => v / b, a, dY), LoweringCheck.Gradient(v => a / v, b, dY)]);
    }

    [TestMethod]
    [DataRow(new long[] { 0, 2 }, true, false)]
    [DataRow(new long[] { -1 }, false, false)]
    [DataRow(new long[] { }, true, true)]
    public void ReduceSumTrainingIsReduceSum(long[] axes, bool keepDims, bool noop)
    {
        Array64 x = Array64.Normal(new Random(62), 2, 3, 4);
        Array64 sum = x.Sum([.. axes.Select(axis => (int)(axis < 0 ? axis + 3 : axis))]);
        if (!keepDims) sum = sum.Reshape(2, 3);
        LoweringCheck.Agrees("com.microsoft::ReduceSumTraining",
            [x.ToFloat(), Tensor.Vector(axes)], [sum], ("keepdims", keepDims), ("noop_with_empty_axes", noop));
    }
}
