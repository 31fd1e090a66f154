using GraphRewrite.Diagnostics;
using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm;

/// <summary>
/// LSTM, GRU, RNN over a known number of steps → the steps: X Wᵀ + Wb of all of them in one product, then <see cref="RecurrentStep"/> after step.
/// X [seq, batch, input], W [directions, gates·hidden, input], R [directions, gates·hidden, hidden], B [directions, 2·gates·hidden].
/// What <see cref="IsUnderstood"/> leaves out stays as it is.
/// </summary>
internal static class UnrollRecurrent
{
    /// <summary>A backward pass of more steps would be a graph of tens of thousands of nodes.</summary>
    private const long MaxSteps = 1024;

    public static HashSet<OpId> Operators { get; } = ["LSTM", "GRU", "RNN"];

    public static void Apply(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(node => Operators.Contains(node.Op)).ToArray())
        {
            if (!IsUnderstood(node)) continue;
            Unroll(graph, node);
            if (graph.Nodes.Count <= Limits.Nodes) continue;
            Phrase found = $"the graph has {graph.Nodes.Count:N0} nodes once its recurrent layers are unrolled up to this one";
            throw new GraphRewriteException(Limits.Exceeded(Setting.MaxNodes, found) with { Place = node.Where() });
        }
    }

    /// <summary>Time first, every sequence of the same known length, no clip and no peepholes, one of the usual activations.</summary>
    private static bool IsUnderstood(Node node) =>
        node.In(0).Shape is { Rank: 3 } x && x[0] is { IsKnown: true, Factor: > 0 and <= MaxSteps } && node.In(2).Shape is { Rank: 3, IsStatic: true }
        && node.InOrNull(4) is null && node.InOrNull(7) is null
        && node.Int("layout", 0) == 0 && node.Int("input_forget", 0) == 0
        && !node.Has("clip") && !node.Has("activation_alpha") && !node.Has("activation_beta")
        && RecurrentStep.Activations(node).All(activation => activation is "Sigmoid" or "Tanh" or "Relu");

    private static void Unroll(Graph graph, Node node)
    {
        using OpBuilder op = graph.BuildBefore(node, node.Name);
        string direction = node.String("direction", "forward");
        int directions = direction == "bidirectional" ? 2 : 1;
        Sequence[] runs = [.. Enumerable.Range(0, directions).Select(d => Run(op, node, d, isReverse: direction == "reverse" || d == 1))];

        Replace(0, () => op.Concat(1, [.. runs.Select(run => op.Unsqueeze(op.Concat(0, run.Hidden), 1))])); // [seq, directions, batch, hidden]
        for (int i = 1; i < node.Outputs.Count; i++)
        {
            int state = i - 1;
            Replace(i, () => op.Concat(0, [.. runs.Select(run => run.Last[state])])); // [directions, batch, hidden]
        }
        graph.Remove(node);

        void Replace(int output, Func<Value> value)
        {
            if (!node.IsOutputUsed(output)) return;
            Value old = node.Out(output);
            node.SetOutput(output, null);
            graph.Redefine(old, op.Identity(value())); // one value may stand for several outputs
        }
    }

    /// <summary>One direction: the hidden states in the order of X, and the states after its last step.</summary>
    private static Sequence Run(OpBuilder op, Node node, int direction, bool isReverse)
    {
        var step = new RecurrentStep(op, node, direction);
        int steps = (int)node.In(0).Shape![0].Value;
        Value projected = step.Projected(node.In(0));
        Value[] inputs = steps == 1 ? [projected] : op.Split(projected, 0, [.. Enumerable.Repeat(1L, steps)]);
        Value[] state = step.Initial();
        var hidden = new Value[steps];
        for (int i = 0; i < steps; i++)
        {
            int at = isReverse ? steps - 1 - i : i;
            state = step.Next(inputs[at], state);
            hidden[at] = state[0];
        }
        return new(hidden, state);
    }

    private sealed record Sequence(Value[] Hidden, Value[] Last);
}
