using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

internal static class Upstream
{
    /// <summary>All nodes that some values are computed by.</summary>
    public static HashSet<Node> Of(params IEnumerable<Value> values)
    {
        var nodes = new HashSet<Node>();
        var open = new Stack<Value>(values);
        while (open.TryPop(out Value? value))
        {
            if (value.Producer is not { } node || !nodes.Add(node)) continue;
            foreach (Value input in node.Inputs.OfType<Value>().Concat(node.Captured)) open.Push(input);
        }
        return nodes;
    }
}
