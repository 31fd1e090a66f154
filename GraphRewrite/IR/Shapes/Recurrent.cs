namespace GraphRewrite.IR.Shapes;

/// <summary>RNN, GRU, LSTM: X [seq, batch, input] (layout 1: batch first), hidden size from R […, hidden].</summary>
internal static class Recurrent
{
    /// <summary>Y [seq, directions, batch, hidden], Y_h and Y_c [directions, batch, hidden]; layout 1 puts the batch first.</summary>
    public static IReadOnlyList<ValueInfo> Infer(Node n)
    {
        ElementType type = n.In(0).Type;
        if (n.In(0).Shape is not { } x) return [new(type, null), new(type, null), new(type, null)];
        x = n.Ranked(x, 3);
        bool batchFirst = n.Int("layout", 0) != 0;
        (Dim sequence, Dim batch) = batchFirst ? (x[1], x[0]) : (x[0], x[1]);
        Dim hidden = n.Has("hidden_size") ? n.Int("hidden_size", 0) : n.In(2).Shape is { Rank: > 0 } r ? r[-1] : Dim.Unknown;
        Dim directions = n.String("direction", "forward") == "bidirectional" ? 2 : 1;
        var state = new ValueInfo(type, batchFirst ? Shape.Of(batch, directions, hidden) : Shape.Of(directions, batch, hidden));
        return [new(type, batchFirst ? Shape.Of(batch, sequence, directions, hidden) : Shape.Of(sequence, directions, batch, hidden)), state, state];
    }
}
