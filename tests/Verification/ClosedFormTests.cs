using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrActOnnx.Tests.TrAct;

namespace TrActOnnx.Tests.Verification;

[TestClass]
public sealed class ClosedFormTests
{
    public static IEnumerable<object[]> Vectors => ClosedFormVector.All.Select((vector, index) => new object[] { index, vector.ToString() });

    [TestMethod]
    [DynamicData(nameof(Vectors))]
    public void AgreesWithTheReference(int index, string name)
    {
        ClosedFormVector vector = ClosedFormVector.All[index];
        Assert.AreEqual(name, vector.ToString());
        Model model = TrainingGraphs.OneLayer(vector);
        Node layer = model.Graph.Nodes.First();
        Tensor expected = vector.ExpectedInLayout();
        double[] found = ClosedForm.WeightGradient(layer, vector.X, vector.DY, expected.Dims, vector.Lambda);
        Deviation.AssertWithin(expected.ToDouble(), found, vector.Bound);
    }

    /// <summary>Kernel [3, 2], stride [2, 1] on [6, 4]: SAME needs one row and one column more, after (UPPER) or before (LOWER).</summary>
    [TestMethod]
    [DataRow("SAME_UPPER", new long[] { 0, 0, 1, 1 }, new long[] { 2, 1, 3, 4 })]
    [DataRow("SAME_LOWER", new long[] { 1, 1, 0, 0 }, new long[] { 2, 1, 3, 4 })]
    [DataRow("VALID", new long[] { 0, 0, 0, 0 }, new long[] { 2, 1, 2, 3 })]
    public void AutoPadIsThePaddingItStandsFor(string autoPad, long[] pads, long[] outputs) =>
        CollectionAssert.AreEqual(Gradient(outputs, ("pads", pads)), Gradient(outputs, ("auto_pad", autoPad)));

    private static double[] Gradient(long[] outputs, (string, object) padding)
    {
        Graph graph = TrainingGraphs.Empty().Graph;
        Value x = graph.AddInput("x", ElementType.Float, Shape.Of(2, 1, 6, 4));
        Value w = graph.AddInput("W", ElementType.Float, Shape.Of(1, 1, 3, 2));
        using OpBuilder op = graph.BuildAtEnd("layer");
        Node conv = op.Op("Conv", [x, w], ("strides", new long[] { 2, 1 }), padding).Producer!;
        return ClosedForm.WeightGradient(conv, Deviation.Random([2, 1, 6, 4], 1), Deviation.Random(outputs, 2), [1, 1, 3, 2], 0.1);
    }
}
