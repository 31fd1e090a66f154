using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.NormalForm.Fusions;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;

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
/// only pass a value on, what exporters spell out fused again, and training forms that save what the backward pass reads. Local functions must be inlined (<see cref="InlineFunctions"/>).
/// </summary>
public static class ForwardNormalForm
{
    /// <param name="graph">The forward graph.</param>
    /// <param name="batchNorm">What becomes of BatchNormalization.</param>
    /// <param name="trainsDropout">Whether Dropout that was exported in inference form drops again; else it goes.</param>
    public static void Apply(Graph graph, BatchNormMode batchNorm, bool trainsDropout = false)
    {
        var constants = new HashSet<Value>();
        InlineBranches.Apply(graph);
        StoreConstants.Store(graph, constants);
        ShapeInference.Apply(graph);
        UpgradeOpset.Apply(graph);
        if (trainsDropout) TrainDropout(graph);
        ShapeInference.Apply(graph);
        FoldSmallArithmetic.Apply(graph, constants);
        FoldShapeArithmetic.Apply(graph);
        RemoveUnusedNodes.Apply(graph);
        SplitSequences.Apply(graph);
        UnrollRecurrent.Apply(graph);
        RemovePassedOn(graph);
        ExpandBernoulli.Apply(graph);
        StoreConstants.Fold(graph, constants);
        FuseLayerNormalization.Apply(graph);
        FuseGelu.Apply(graph);
        FuseSwish.Apply(graph);
        SaveForBackward.Apply(graph, batchNorm);
        RemoveUnusedNodes.Apply(graph);
        ShapeInference.Apply(graph);
    }

    /// <summary>Dropout whose mode is absent or stored as false gets the mode of training; a computed one is the model's own.</summary>
    private static void TrainDropout(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Dropout"))
        {
            if (node.InOrNull(2) is not { } mode || (mode.Initializer is not null && mode.Elements is [var isTraining] && isTraining == 0))
                node.SetInput(2, graph.AddInitializer($"{node.Out(0).Name}_training_mode", Tensor.Scalar(true)));
        }
    }

    /// <summary>Identity, casts to the type that a value has, Dropout outside training: their uses take the input.</summary>
    private static void RemovePassedOn(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op == "CastLike" && node.In(1).Type != ElementType.Undefined && node.In(0).Type != node.In(1).Type) CastInstead(graph, node);
            else if (PassesOn(node)) PassOn(node.In(0), node.Out(0));
        }
    }

    private static bool PassesOn(Node node) => node.Op.Domain == OpId.Onnx && node.Op.Type switch
    {
        "Identity" => true,
        "CastLike" => node.In(1).Type != ElementType.Undefined,
        "Cast" => node.In(0).Type != ElementType.Undefined && node.Int("to", 0) == (long)node.In(0).Type,
        "Dropout" => node.InOrNull(2) is not { } training || training.Elements is [var isTraining] && isTraining == 0,
        _ => false,
    };

    private static void CastInstead(Graph graph, Node node)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        PassOn(op.Cast(node.In(0), node.In(1).Type), node.Out(0));
    }

    /// <summary>Graph outputs keep their node, and so do values that subgraphs use by name.</summary>
    private static void PassOn(Value from, Value to)
    {
        if (to.Uses.All(use => use.Index >= 0)) to.ReplaceAllUsesWith(from);
    }
}
