using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;
using GraphRewrite.Passes.Contracts;
using static GraphRewrite.NormalForm.NormalFormConditions;
using static GraphRewrite.Passes.Contracts.Conditions;

namespace GraphRewrite.NormalForm;

/// <summary>A forward graph as it runs outside training: BatchNormalization by stored statistics, no Dropout.</summary>
internal static class EvaluationNormalForm
{
    /// <summary>What holds of a graph in this form.</summary>
    internal static IReadOnlyList<Condition> Ensures { get; } = [Sorted, Typed, Shaped, OneOpset, NoBernoulli, NoUnused];

    /// <param name="graph">The forward graph; changed in place.</param>
    public static void Apply(Graph graph) => Stage.NormalForm.During(() => Passes.Apply(graph));

    private static Pipeline Passes { get; } = new("evaluation normal form", requires: [Sorted],
    [
        // pass, requires, ensures, breaks
        new Pass("EndTraining", [], [], EndTraining),
        new Pass("InlineBranches", [Sorted], [], InlineBranches.Apply),
        new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply), // some opset steps need the channels or the rank
        new Pass("UpgradeOpset", [Sorted, Typed, Shaped], [OneOpset], [Typed, Shaped], UpgradeOpset.Apply),
        new Pass("ExpandBernoulli", [], [NoBernoulli], ExpandBernoulli.Apply),
        new Pass("RemoveUnusedNodes", [], [NoUnused], RemoveUnusedNodes.Apply),
        new Pass("InferShapes", [Sorted], [Typed, Shaped], ShapeInference.Apply),
    ]);

    /// <summary>BatchNormalization reads its stored statistics, and Dropout hands on; in any opset.</summary>
    internal static void EndTraining(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op == "BatchNormalization" && node.In(3).Producer is null)
            {
                node.RemoveAttribute("training_mode");
                node.TrimOutputs(1);
            }
            else if (node.Op == "Dropout")
            {
                node.Out(0).ReplaceAllUsesWith(node.In(0));
            }
        }
    }
}
