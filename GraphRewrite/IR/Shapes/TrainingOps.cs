namespace GraphRewrite.IR.Shapes;

/// <summary>Operators of ONNX Runtime's training dialect that no other family covers.</summary>
internal static class TrainingOps
{
    /// <summary>dX like X, dW like W, dB [M].</summary>
    public static IReadOnlyList<ValueInfo> ConvGrad(Node n)
    {
        Value w = n.In(2);
        return [ValueInfo.Like(n.In(1)), ValueInfo.Like(w), new(w.Type, w.Shape is { Rank: > 0 } shape ? Shape.Of(shape[0]) : null)];
    }

    /// <summary>dX has the shape of what the forward pool took; the gradient node itself names only the mask, so ask the mask's maker.</summary>
    public static IReadOnlyList<ValueInfo> MaxPoolGrad(Node n) =>
        [new(n.In(0).Type, n.In(1).Producer is { Op.Type: "MaxPool" } pool ? pool.In(0).Shape : null)];

    /// <summary>The flag, and the sum where it is asked for.</summary>
    public static IReadOnlyList<ValueInfo> InPlaceAccumulator(Node n) => [new(ElementType.Bool, Shape.Of(1)), ValueInfo.Like(n.In(0))];

    /// <summary>Blocked layout: the channels are padded to the block, which is not known here but divides 16.</summary>
    public static IReadOnlyList<ValueInfo> ReorderInput(Node n)
    {
        if (n.In(0).Shape is not { Rank: 4 } x) return [new(n.In(0).Type, null)];
        if (n.Int("channels_last", 0) != 0) x = Shape.Of(x[0], x[3], x[1], x[2]);
        return [new(n.In(0).Type, x[1].IsKnown && x[1].Value % 16 == 0 ? x : x.With(1, Dim.Unknown))];
    }

    /// <summary>Plain layout again, with the true number of channels.</summary>
    public static IReadOnlyList<ValueInfo> ReorderOutput(Node n)
    {
        if (n.In(0).Shape is not { Rank: 4 } x) return [new(n.In(0).Type, null)];
        Dim channels = n.Has("channels") ? n.Int("channels", 0) : x[1];
        return [new(n.In(0).Type, n.Int("channels_last", 0) != 0 ? Shape.Of(x[0], x[2], x[3], channels) : x.With(1, channels))];
    }
}
