using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Lowering;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.TrAct;

/// <summary>Gram matrix and inverse in float or better, whatever the precision of the model.</summary>
[TestClass]
public sealed class PrecisionTests
{
    /// <summary>Bounds: half has 11 bits in X, dY and the plain dW; double has 53.</summary>
    [TestMethod]
    [DataRow(ElementType.Float16, TrActForm.Primal, 2e-2)]
    [DataRow(ElementType.Float16, TrActForm.Dual, 2e-3)]
    [DataRow(ElementType.Double, TrActForm.Primal, 1e-12)]
    [DataRow(ElementType.Double, TrActForm.Dual, 1e-12)]
    public void Linear(ElementType type, TrActForm form, double bound)
    {
        const int b = 20, n = 6, m = 3;
        Model model = TrainingGraphs.Empty();
        Graph graph = model.Graph;
        (Value x, Value dY, Value w) = (graph.AddInput("x", type, Shape.Of(b, n)),
            graph.AddInput("Y_grad", type, Shape.Of(b, m)), graph.AddInput("W", type, Shape.Of(m, n)));
        using (OpBuilder op = graph.BuildAtEnd("net"))
        {
            foreach ((Value made, string name) in new[] { (op.Gemm(x, w, transB: true), "Y"), (op.Gemm(dY, x, transA: true), "W_grad") })
            {
                TrainingGraphs.Output(made, name);
                made.Type = type;
            }
        }
        TrActRewrite.Apply(model, TrainingGraphs.Options(0.5) with { Form = form }); // 0.5: λ is exact in every type
        ExpandTrAct.Apply(graph);

        var feeds = graph.Inputs.Select((input, seed) => (input, seed))
            .ToDictionary(pair => pair.input.Name, pair => As(type, Deviation.Random(pair.input.Shape!.Extents(), pair.seed + 1)));
        Tensor found = new OrtGraphRunner().Run(model, feeds)["W_grad"];
        Assert.AreEqual(type, found.Type);
        Node layer = graph.Nodes.First(node => node.Op == "Gemm");
        Deviation.AssertWithin(ClosedForm.WeightGradient(layer, feeds["x"], feeds["Y_grad"], [m, n], 0.5), found.ToDouble(), bound);
        Assert.IsTrue(graph.Nodes.Where(node => node.Op.Type == "Inverse").All(node => node.In(0).Type is not ElementType.Float16));
    }

    private static Tensor As(ElementType type, Tensor tensor) => type == ElementType.Double
        ? Tensor.Of(tensor.Dims, tensor.ToDouble())
        : Tensor.Of(tensor.Dims, Array.ConvertAll(tensor.ToDouble(), x => (Half)x));
}
