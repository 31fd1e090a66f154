using GraphRewrite.IR;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Gram;
using GraphRewrite.Kernels.Solve;
using GraphRewrite.Lowering;
using GraphRewrite.Passes;
using GraphRewrite.TrAct;
using GraphRewrite.Verification;
using TrActOnnx.Tests.Verification;
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
        from forms in Formulas(vector)
        select new object[] { index, vector.ToString(), form, forms };

    /// <summary>
    /// A few float32 roundings of the Gram matrix reach the gradient times the condition 1 + ‖XᵀX/b‖/λ: with λ = 0.01 more than 1e-4.
    /// </summary>
    private const double RoundingsOfCondition = 8.0 / (1 << 24);

    /// <summary>As artifacts have it, without a target; and every formulation of each part.</summary>
    private static IEnumerable<string> Formulas(ClosedFormVector vector) =>
    [
        "",
        .. SolveSpdForms.Formulations.Select(form => $"solve={form.Name}"),
        .. vector.Op == "Conv" ? PatchForms.Formulations.Select(form => $"gram=patches,patches={form.Name}") : [],
        .. vector.Op == "Conv" ? PatchGramForms.Formulations.Select(form => $"gram={form.Name}") : [],
    ];

    [TestMethod]
    [DynamicData(nameof(Vectors))]
    public void GivesTheReferenceGradient(int index, string name, TrActForm form, string forms)
    {
        ClosedFormVector vector = ClosedFormVector.All[index];
        Assert.AreEqual(name, vector.ToString());
        Model model = TrainingGraphs.OneLayer(vector);
        Tensor expected = vector.ExpectedInLayout();
        double condition = ClosedForm.Of(model.Graph.Nodes.First(), vector.X, vector.DY, expected.Dims, vector.Lambda).Condition;
        TrActRewrite.Apply(model, TrainingGraphs.Options(vector.Lambda) with { Form = form });
        LoweringTarget target = forms.Length == 0 ? LoweringTarget.AnyRuntime : new() { Forced = FormulationTable.Parse(forms) };
        ExpandTrAct.Apply(model.Graph, target);
        double bound = Math.Max(vector.Bound, RoundingsOfCondition * condition);
        Deviation.AssertWithin(expected.ToDouble(), Run(model, vector)["W_grad"].ToDouble(), bound);
    }

    /// <summary>
    /// Opsets 13 to 21 take the same expansion. (Conv in the dual form: it leaves ConvGrad unused, whose lowering is for the newest opset.)
    /// </summary>
    [TestMethod]
    [DataRow(13L)]
    [DataRow(15L)]
    [DataRow(18L)]
    public void TheExpansionFitsEveryOpset(long opset)
    {
        foreach (ClosedFormVector vector in ClosedFormVector.All.Take(24))
        {
            Model model = TrainingGraphs.OneLayer(vector, opset);
            TrActForm form = vector.Op == "Conv" ? TrActForm.Dual : TrActForm.Automatic;
            TrActRewrite.Apply(model, TrainingGraphs.Options(vector.Lambda) with { Form = form });
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
