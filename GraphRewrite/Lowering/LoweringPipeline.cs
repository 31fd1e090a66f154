using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using static GraphRewrite.Lowering.LoweringConditions;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.Lowering;

/// <summary>The passes from ONNX Runtime Training's dialect to a graph that a stock runtime loads, in order.</summary>
public static class LoweringPipeline
{
    /// <summary>What holds of the lowered graph.</summary>
    internal static IReadOnlyList<Condition> Ensures { get; } = [Sorted, Typed, Shaped, OneOpset, NoTrActOperators, NoTrainingOperators, NoUnused];

    /// <param name="model">The model; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <param name="extents">Extents of symbolic dimensions, where known.</param>
    /// <returns>The formulations that were chosen, node by node.</returns>
    /// <exception cref="Diagnostics.GraphRewriteException">Nodes that the runtime has no kernel for, all in one message.</exception>
    public static IReadOnlyList<FormChoice> Apply(Model model, LoweringTarget target, IReadOnlyDictionary<string, long>? extents = null)
    {
        using System.Diagnostics.Activity? span = Spans.Begin(Spans.Lower);
        model.IrVersion = Math.Max(model.IrVersion, target.IrVersion);
        var context = new LoweringContext(target);
        Stage.Lowering.During(() => Passes(context, extents).Apply(model.Graph));
        return context.Choices;
    }

    private static Pipeline Passes(LoweringContext context, IReadOnlyDictionary<string, long>? extents) => new("stock graph", requires: [Sorted],
    [
        // pass, requires, ensures, breaks
        new Pass("UpgradeOpset", [Sorted], [OneOpset], UpgradeOpset.Apply),
        new Pass("InferShapes", [Sorted], [Typed, Shaped], graph => InferShapes(graph, extents)),
        new Pass("ExpandTrAct", [OneOpset, Typed, Shaped], [NoTrActOperators], graph => ExpandTrAct.Apply(graph, context)),
        new Pass("ConvLowering", [OneOpset, Typed, Shaped], [], graph => ConvLowering.Apply(graph, context)),
        new Pass("LowerTrainingOps", [OneOpset, Typed, Shaped], [NoTrainingOperators], graph => LowerTrainingOps.Apply(graph, context)),
        new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
        new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
        new Pass("MergeEqualNodes", [Sorted], [NoUnused], MergeEqualNodes.Apply),
        new Pass("CheckStockOps", [NoTrActOperators, NoTrainingOperators], [], graph => CheckStockOps.Apply(graph, context.Target)),
    ]);

    private static void InferShapes(Graph graph, IReadOnlyDictionary<string, long>? extents)
    {
        if (extents is { Count: > 0 }) ShapeInference.Bind(graph, extents);
        else ShapeInference.Apply(graph);
    }
}
