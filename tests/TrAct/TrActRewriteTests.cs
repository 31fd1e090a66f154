using GraphRewrite.IR;
using GraphRewrite.Lowering;
using GraphRewrite.Passes;
using GraphRewrite.TrAct;
using TrainingHost.Runtime;

namespace TrActOnnx.Tests.TrAct;

/// <summary>The rewrite in a real session, against the reference vectors.</summary>
[TestClass]
public sealed class TrActRewriteTests
{
    public static IEnumerable<object[]> Vectors =>
        from index in Enumerable.Range(0, ClosedFormVector.All.Count)
        let vector = ClosedFormVector.All[index]
        from form in new[] { TrActForm.Primal, TrActForm.Dual }
        from forms in vector.Op == "Conv" ? PatchForms.Forms.Select(patches => $"patches={patches.Name}") : [""]
        select new object[] { index, vector.ToString(), form, forms };

    [TestMethod]
    [DynamicData(nameof(Vectors))]
    public void GivesTheReferenceGradient(int index, string name, TrActForm form, string forms)
    {
        ClosedFormVector vector = ClosedFormVector.All[index];
        Assert.AreEqual(name, vector.ToString());
        Model model = TrainingGraphs.OneLayer(vector);
        TrActRewrite.Apply(model, TrainingGraphs.Options(vector.Lambda) with { Form = form });
        ExpandTrAct.Apply(model.Graph, null, Formulations.Parse(forms));
        Deviation.AssertWithin(vector.ExpectedInLayout().ToDouble(), Run(model, vector)["W_grad"].ToDouble(), vector.Bound);
    }

    /// <summary>Opsets 13 to 21 take the same expansion. (Conv in the dual form: it leaves ConvGrad unused, whose lowering is for the newest opset.)</summary>
    [TestMethod]
    [DataRow(13L)]
    [DataRow(15L)]
    [DataRow(18L)]
    public void TheExpansionFitsEveryOpset(long opset)
    {
        foreach (ClosedFormVector vector in ClosedFormVector.All.Take(24))
        {
            Model model = TrainingGraphs.OneLayer(vector, opset);
            TrActRewrite.Apply(model, TrainingGraphs.Options(vector.Lambda) with { Form = vector.Op == "Conv" ? TrActForm.Dual : TrActForm.Automatic });
            ExpandTrAct.Apply(model.Graph);
            RemoveUnusedNodes.Apply(model.Graph);
            Deviation.AssertWithin(vector.ExpectedInLayout().ToDouble(), Run(model, vector)["W_grad"].ToDouble(), vector.Bound);
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Run(Model model, ClosedFormVector vector)
    {
        LowerTrainingOps.Apply(model.Graph, LoweringTarget.Cpu);
        var feeds = new Dictionary<string, Tensor>
        {
            ["x"] = vector.X,
            ["Y_grad"] = vector.DY,
            ["W"] = Tensor.Filled(ElementType.Float, vector.ExpectedInLayout().Dims, 0.5),
        };
        return new OrtGraphRunner().Run(model, feeds);
    }
}
