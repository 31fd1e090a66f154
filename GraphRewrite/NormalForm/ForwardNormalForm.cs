using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm.Expansions;
using GraphRewrite.NormalForm.Fusions;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.NormalForm;

/// <summary>What becomes of BatchNormalization in a training graph; exports do not tell (dynamo writes inference form even in training).</summary>
public enum BatchNormMode
{
    /// <summary>Statistics of the batch; running statistics are updated.</summary>
    Train,

    /// <summary>Stored statistics, which stay; scale and bias are trained.</summary>
    Frozen,
}

/// <summary>
/// A forward graph as exporters write it → the form that gradient rules know: one opset, constants stored, shape arithmetic folded, no operators that
/// only pass a value on, what exporters spell out fused again, and training forms that save what the backward pass reads.
/// Local functions must be inlined (<see cref="InlineFunctions"/>).
/// </summary>
internal static class ForwardNormalForm
{
    /// <summary>What holds of a graph in this form.</summary>
    internal static IReadOnlyList<Condition> Ensures { get; } =
        [Sorted, Typed, Shaped, OneOpset, NothingToExpand, NothingPassedOn, NoBernoulli, NoUnused];

    /// <param name="graph">The forward graph; changed in place.</param>
    /// <param name="batchNorm">What becomes of BatchNormalization.</param>
    /// <param name="trainsDropout">Whether Dropout that was exported in inference form drops again; else it goes.</param>
    public static void Apply(Graph graph, BatchNormMode batchNorm, bool trainsDropout = false) =>
        Stage.NormalForm.During(() => Passes(batchNorm, trainsDropout).Apply(graph));

    private static Pipeline Passes(BatchNormMode batchNorm, bool trainsDropout)
    {
        HashSet<Value> constants = []; // initializers that are no parameters
        return new("forward normal form", requires: [Sorted],
        [
            // pass, requires, ensures, breaks
            new Pass("InlineBranches", [Sorted], [], InlineBranches.Apply),
            new Pass("UnrollLoops", [Sorted], [], UnrollLoops.Apply),
            new Pass("InlineBranches", [Sorted], [], InlineBranches.Apply), // those in bodies
            new Pass("StoreConstants", [], [], graph => StoreConstants.Store(graph, constants)),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("UpgradeOpset", [Sorted, Typed, Shaped], [OneOpset], [Typed, Shaped], UpgradeOpset.Apply),
            new Pass("TrainDropout", [], [], trainsDropout ? TrainDropout.Apply : _ => { }),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("ExpandOperators", [OneOpset, Typed, Shaped], [NothingToExpand], ExpandOperators.Apply),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
            new Pass("FoldSmallArithmetic", [Sorted, Typed, Shaped], [], graph => FoldSmallArithmetic.Apply(graph, constants)),
            new Pass("FoldShapeArithmetic", [Typed, Shaped], [], FoldShapeArithmetic.Apply),
            new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
            new Pass("SplitSequences", [OneOpset, Shaped], [], [NoUnused], SplitSequences.Apply),
            new Pass("UnrollRecurrent", [OneOpset, Shaped], [], [NoUnused], UnrollRecurrent.Apply),
            new Pass("RemovePassedOn", [Typed], [NothingPassedOn], [NoUnused], RemovePassedOn.Apply),
            new Pass("ExpandBernoulli", [Typed], [NoBernoulli], ExpandBernoulli.Apply),
            new Pass("FoldConstants", [Typed, Shaped], [], [NoUnused], graph => StoreConstants.Fold(graph, constants)),
            new Pass("FuseLayerNormalization", [OneOpset, Typed, Shaped], [], [NoUnused], FuseLayerNormalization.Apply),
            new Pass("FuseGelu", [OneOpset, Typed], [], [NoUnused], FuseGelu.Apply),
            new Pass("FuseSwish", [OneOpset, Typed], [], [NoUnused], FuseSwish.Apply),
            new Pass("SaveForBackward", [OneOpset], [], [Shaped], graph => SaveForBackward.Apply(graph, batchNorm)),
            new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
            new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
        ]);
    }
}
