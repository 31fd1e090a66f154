using GraphRewrite.IR;
using GraphRewrite.Rules;

namespace GraphRewrite.Gradients;

/// <summary>
/// Which values need a gradient: those that depend on a wanted value and that the loss depends on, by edges that a gradient flows through.
/// </summary>
/// <param name="operators">Gradients of the program's own: their operators differentiate, whatever the tables say.</param>
internal sealed class DifferentiablePath(CustomOperators operators)
{
    public HashSet<Value> Between(Graph graph, IReadOnlyCollection<Value> wanted, Value loss)
    {
        HashSet<Value> active = Forward(graph, wanted);
        HashSet<Value> onPath = [];
        if (active.Contains(loss)) onPath.Add(loss);
        foreach (Node node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(output => output is not null && onPath.Contains(output))) continue;
            foreach (Value input in Differentiable(node).Concat(node.Captured))
                if (active.Contains(input)) onPath.Add(input);
        }
        return onPath;
    }

    private HashSet<Value> Forward(Graph graph, IReadOnlyCollection<Value> wanted)
    {
        HashSet<Value> active = [.. wanted];
        foreach (Node node in graph.Nodes)
        {
            if (HasNoGradient(node.Op) || !Differentiable(node).Concat(node.Captured).Any(active.Contains)) continue;
            active.UnionWith(node.Outputs.OfType<Value>().Where(IsReal));
        }
        return active;
    }

    private IEnumerable<Value> Differentiable(Node node) =>
        node.Inputs.Where((input, i) => input is not null && IsReal(input) && !IsStop(node.Op, i)).OfType<Value>();

    private bool HasNoGradient(OpId op) => GradientRules.NoGradient.Contains(op) && !operators.Gradients.ContainsKey(op);

    private bool IsStop(OpId op, int input) => GradientRules.IsStop(op, input) && !operators.Gradients.ContainsKey(op);

    /// <summary>Gradients flow through numbers that vary continuously; a type that is not known is taken for one.</summary>
    private static bool IsReal(Value value) => value.Type == ElementType.Undefined || value.Type.IsFloating();
}
