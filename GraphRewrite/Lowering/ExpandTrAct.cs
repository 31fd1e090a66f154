using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Shapes;
using GraphRewrite.Kernels;
using GraphRewrite.Kernels.Gram;
using GraphRewrite.Kernels.Solve;

namespace GraphRewrite.Lowering;

/// <summary>Replaces the rewrite's own operators by standard ones.</summary>
internal static class ExpandTrAct
{
    /// <summary>By operators that every runtime since 1.19.2's training build has, in any opset from 13 on.</summary>
    public static void Apply(Graph graph) => Apply(graph, LoweringTarget.AnyRuntime);

    /// <param name="graph">The graph; changed in place.</param>
    /// <param name="target">What it is made for.</param>
    /// <returns>What was chosen for each operator.</returns>
    public static IReadOnlyList<FormChoice> Apply(Graph graph, LoweringTarget target)
    {
        var context = new LoweringContext(target);
        Apply(graph, context);
        return context.Choices;
    }

    internal static void Apply(Graph graph, LoweringContext context)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (node.Op.Domain == OpId.TrAct) Replace(graph, node, context);
            else if (Walk.NodesInside(node).Any(inner => inner.Op.Domain == OpId.TrAct)) ExpandInside(graph, node, context);
        }
        graph.Opsets.Remove(OpId.TrAct);
    }

    private static void Replace(Graph graph, Node node, LoweringContext context)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        IReadOnlyList<Value> made = Expand(op, node, context);
        for (int i = 0; i < made.Count; i++)
            if (node.Out(i) is { IsUsed: true } output) graph.Redefine(output, made[i]);
        graph.Remove(node);
    }

    /// <summary>The branches of the closed form's If. What they capture may be better known by now than when they were written.</summary>
    private static void ExpandInside(Graph graph, Node node, LoweringContext context)
    {
        foreach (Graph branch in node.Subgraphs)
        {
            foreach (Value captured in branch.Captures)
                (captured.Type, captured.Shape) = (graph.Get(captured.Name).Type, graph.Get(captured.Name).Shape);
            ShapeInference.Apply(branch);
            Apply(branch, context);
            graph.Reserve(branch);
        }
    }

    private static IReadOnlyList<Value> Expand(OpBuilder op, Node node, LoweringContext context)
    {
        if (node.Op.Type == "SolveSpd") return Emit(op, FormulationTable.Solve, SolveProblem.Of(node));
        PatchProblem patches = PatchProblem.Of(node);
        return node.Op.Type switch
        {
            "PatchGram" => Gram(),
            "PatchProducts" => Emit(op, FormulationTable.Products, ProductsProblem.Of(node, Planes)),
            "PatchRows" => PatchRows.Emit(op, patches, Planes),
            _ => throw new InvalidOperationException($"{node} has no expansion."),
        };

        IReadOnlyList<Value> Gram()
        {
            IReadOnlyList<Value> gram = Emit(op, FormulationTable.Gram, new GramProblem(patches, Planes));
            context.SolvedInputs.Add(patches.X);
            if (context.Choices[^1].Form == PatchGramForms.Columns) context.StackedInputs.Add(patches.X);
            return gram;
        }

        Value Planes(OpBuilder op) => Emit(op, FormulationTable.Patches, patches)[0];

        IReadOnlyList<Value> Emit<TProblem>(OpBuilder op, Part<TProblem> part, TProblem problem) => context.Emit(part, op, node, problem)
            ?? throw node.Refuse("the window of its layer has too many positions for TrAct", "Train without TrAct");
    }
}
