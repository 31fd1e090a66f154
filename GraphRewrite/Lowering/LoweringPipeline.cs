using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;

namespace GraphRewrite.Lowering;

/// <summary>The passes from ONNX Runtime Training's dialect to a graph that a stock runtime loads, in order.</summary>
public static class LoweringPipeline
{
    /// <param name="model">The model; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <param name="extents">Extents of symbolic dimensions, where known.</param>
    /// <returns>The formulations that were chosen, node by node.</returns>
    /// <exception cref="Diagnostics.GraphRewriteException">Nodes that the runtime has no kernel for, all in one message.</exception>
    public static IReadOnlyList<FormChoice> Apply(Model model, LoweringTarget target, IReadOnlyDictionary<string, long>? extents = null)
    {
        Graph graph = model.Graph;
        UpgradeOpset.Apply(graph);
        model.IrVersion = Math.Max(model.IrVersion, target.IrVersion);
        if (extents is { Count: > 0 }) ShapeInference.Bind(graph, extents);
        else ShapeInference.Apply(graph);
        var context = new LoweringContext(target);
        ExpandTrAct.Apply(graph, context);
        ConvLowering.Apply(graph, context);
        LowerTrainingOps.Apply(graph, context);
        RemoveUnusedNodes.Apply(graph);
        TopologicalSort.Apply(graph);
        MergeEqualNodes.Apply(graph);
        CheckStockOps.Apply(graph, target);
        return context.Choices;
    }
}
