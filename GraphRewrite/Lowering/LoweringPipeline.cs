using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using GraphRewrite.Rules;
using static GraphRewrite.Lowering.LoweringConditions;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.Lowering;

/// <summary>The passes from ONNX Runtime Training's dialect to a graph that a stock runtime loads, in order.</summary>
public static class LoweringPipeline
{
    /// <summary>What holds of the lowered graph.</summary>
    internal static IReadOnlyList<Condition> Ensures { get; } = [Sorted, Typed, Shaped, OneOpset, NoTrActOperators, NoTrainingOperators, NoUnused];

    /// <summary>Lowers a training or gradient graph.</summary>
    /// <param name="model">The model; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <param name="extents">Extents of symbolic dimensions, where known.</param>
    /// <param name="operators">Lowerings and shapes of the program's own; null for none.</param>
    /// <returns>The formulations that were chosen, node by node.</returns>
    /// <exception cref="Diagnostics.GraphRewriteException">Nodes that the runtime has no kernel for, all in one message.</exception>
    public static IReadOnlyList<FormChoice> Apply(
        Model model, LoweringTarget target, IReadOnlyDictionary<string, long>? extents = null, CustomOperators? operators = null)
    {
        using System.Diagnostics.Activity? span = Spans.Begin(Spans.Lower);
        model.IrVersion = Math.Max(model.IrVersion, target.IrVersion);
        var context = new LoweringContext(target);
        Stage.Lowering.During(() => Passes(context, extents, operators ?? CustomOperators.None).Apply(model.Graph));
        return context.Choices;
    }

    /// <summary>
    /// Replaces the operators of the TrAct rewrite by ones that every runtime since ONNX Runtime Training 1.19.2 has, in any opset from 13 on: what a
    /// rewritten training model is written in. A graph without them stays as it is.
    /// </summary>
    /// <param name="graph">A training graph with TrAct; changed in place.</param>
    public static void ExpandTrAct(Graph graph) => Lowering.ExpandTrAct.Apply(graph);

    /// <summary>
    /// The formulations of a target for a model that only predicts and measures: its convolutions, and operators of the program's own.
    /// All else stays.
    /// </summary>
    /// <param name="evaluation">Forward and loss in evaluation mode, of operators that the runtime has; it stays as it is.</param>
    /// <param name="target">What it is made for.</param>
    /// <param name="operators">Lowerings and shapes of the program's own; null for none.</param>
    /// <returns>A copy, with inferred shapes.</returns>
    /// <exception cref="Diagnostics.GraphRewriteException">What the file declares contradicts what its nodes compute.</exception>
    public static Model OfEvaluation(Model evaluation, LoweringTarget target, CustomOperators? operators = null)
    {
        Model lowered = evaluation.Clone();
        operators ??= CustomOperators.None;
        operators.DeclareShapes(lowered.Graph);
        ShapeInference.Apply(lowered.Graph);
        LowerCustomOperators.Apply(lowered.Graph, operators);
        ConvLowering.Apply(lowered.Graph, target);
        KeepBlocks.Apply(lowered.Graph, target);
        return lowered;
    }

    private static Pipeline Passes(
        LoweringContext context, IReadOnlyDictionary<string, long>? extents, CustomOperators operators) => new("stock graph", requires: [Sorted],
    [
        // pass, requires, ensures, breaks
        new Pass("DeclareShapes", [Sorted], [], operators.DeclareShapes),
        new Pass("UpgradeOpset", [Sorted], [OneOpset], UpgradeOpset.Apply),
        new Pass("InferShapes", [Sorted], [Typed, Shaped], graph => InferShapes(graph, extents)),
        new Pass("LowerCustomOperators", [OneOpset, Typed, Shaped], [], graph => LowerCustomOperators.Apply(graph, operators)),
        new Pass("ExpandTrAct", [OneOpset, Typed, Shaped], [NoTrActOperators], graph => Lowering.ExpandTrAct.Apply(graph, context)),
        new Pass("ConvLowering", [OneOpset, Typed, Shaped], [], graph => ConvLowering.Apply(graph, context)),
        new Pass("PooledReluGradients", [OneOpset, Typed, Shaped], [], PooledReluGradients.Apply),
        new Pass("MaxPoolLowering", [OneOpset, Typed, Shaped], [], graph => MaxPoolLowering.Apply(graph, context)),
        new Pass("LowerTrainingOps", [OneOpset, Typed, Shaped], [NoTrainingOperators], graph => LowerTrainingOps.Apply(graph, context)),
        new Pass("ThreadedSums", [OneOpset, Typed, Shaped], [], graph => ThreadedSums.Apply(graph, context.Target)),
        new Pass("ThreadedCopies", [OneOpset, Typed, Shaped], [], graph => ThreadedCopies.Apply(graph, context.Target)),
        new Pass("TransposedProducts", [OneOpset, Typed, Shaped], [], TransposedProducts.Apply),
        new Pass("LongProducts", [OneOpset, Typed, Shaped], [], graph => LongProducts.Apply(graph, context.Target)),
        new Pass("TallProducts", [OneOpset, Typed, Shaped], [], graph => TallProducts.Apply(graph, context.Target)),
        new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
        new Pass("TopologicalSort", [], [Sorted], TopologicalSort.Apply),
        new Pass("MergeEqualNodes", [Sorted], [NoUnused], MergeEqualNodes.Apply),
        new Pass("KeepBlocks", [Sorted, Typed, Shaped], [NoUnused], graph => KeepBlocks.Apply(graph, context.Target)),
        new Pass("MoveIntoBranches", [Sorted], [], MoveIntoBranches.Apply),
        new Pass("FoldExtents", [Sorted, Typed, Shaped], [], graph => FoldExtents(graph, context.Target, extents)),
        new Pass("CheckStockOps", [NoTrActOperators, NoTrainingOperators], [], graph => CheckStockOps.Apply(graph, context.Target)),
    ]);

    /// <summary>
    /// CUDA, for known extents: what is computed from them is stored. Shape and Size run on the host there, and a number made of them, such as the
    /// count of a mean, would be copied to the device in every step.
    /// </summary>
    private static void FoldExtents(Graph graph, LoweringTarget target, IReadOnlyDictionary<string, long>? extents)
    {
        if (target.Device != ExecutionDevice.Cuda || extents is not { Count: > 0 }) return;
        FoldSmallArithmetic.Apply(graph, [.. graph.Initializers]);
        FoldShapeArithmetic.Apply(graph);
        RemoveUnusedNodes.Apply(graph);
    }

    private static void InferShapes(Graph graph, IReadOnlyDictionary<string, long>? extents)
    {
        if (extents is { Count: > 0 }) ShapeInference.Bind(graph, extents);
        else ShapeInference.Apply(graph);
    }
}
