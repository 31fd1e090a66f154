using GraphRewrite.IR;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Opsets;
using GraphRewrite.Passes;

namespace GraphRewrite.NormalForm;

/// <summary>A forward graph as it runs outside training: BatchNormalization by stored statistics, no Dropout.</summary>
public static class EvaluationNormalForm
{
    public static void Apply(Graph graph)
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
        InlineBranches.Apply(graph);
        UpgradeOpset.Apply(graph);
        ExpandBernoulli.Apply(graph);
        RemoveUnusedNodes.Apply(graph);
        ShapeInference.Apply(graph);
    }
}
