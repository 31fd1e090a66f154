using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>Pools. ONNX Runtime's MaxPoolGrad and AveragePoolGrad are in ONNX's own domain and read X's shape off their output.</summary>
internal static class PoolGradient
{
    public static IReadOnlyList<Value?> OfMaxPool(OpBuilder op, Node n, Value dY)
    {
        if (n.OutOrNull(1) is not { } mask) throw n.Refuse("its gradient needs the output Indices");
        return [Like(n.In(0), op.Op("MaxPoolGrad", [dY, mask], n.Copy()))];
    }

    public static IReadOnlyList<Value?> OfAveragePool(OpBuilder op, Node n, Value dY) => [Spread(op, n, dY, n.Copy())];

    /// <summary>
    /// Y = (Σ |X|ᵖ)^(1/p): dX = sign(X) |X|ᵖ⁻¹ ⊙ Σ over windows of dY Y¹⁻ᵖ, 0 where Y is. A window's sum is taps times its mean, padding included.
    /// </summary>
    public static IReadOnlyList<Value?> OfLpPool(OpBuilder op, Node n, Value dY)
    {
        long p = n.Int("p", 2);
        long[] kernel = n.Ints("kernel_shape") ?? throw n.Invalid("it lacks kernel_shape");
        if (n.Int("ceil_mode", 0) != 0) throw n.Refuse("ceil_mode=1 has no gradient here", "Export with ceil_mode=False");
        Value y = n.Out(0);
        Value isZero = op.Compare("Equal", y, 0);
        Value power = op.Op("Pow", [op.Where(isZero, op.ScalarLike(y, 1), y), op.ScalarLike(y, 1 - p)]);
        Value scaled = op.Where(isZero, op.ScalarLike(y, 0), dY * power) * op.ScalarLike(y, kernel.Product());
        Value sums = Spread(op, n, scaled, [.. n.Copy("p"), ("count_include_pad", 1L)]);
        Value x = n.In(0);
        Value slope = op.Op("Sign", [x]) * op.Op("Pow", [op.Op("Abs", [x]), op.ScalarLike(x, p - 1)]);
        return [sums * slope];
    }

    /// <summary>Y = (Σ |X|ᵖ)^(1/p) over all places: dX = dY sign(X) (|X| / Y)ᵖ⁻¹, 0 where Y is.</summary>
    public static IReadOnlyList<Value?> OfGlobalLpPool(OpBuilder op, Node n, Value dY)
    {
        (Value x, Value y, long p) = (n.In(0), n.Out(0), n.Int("p", 2));
        Value isZero = op.Compare("Equal", y, 0);
        Value part = op.Op("Abs", [x]) / op.Where(isZero, op.ScalarLike(y, 1), y);
        Value slope = op.Op("Sign", [x]) * op.Op("Pow", [part, op.ScalarLike(x, p - 1)]);
        return [op.Where(isZero, op.ScalarLike(y, 0), dY) * slope];
    }

    /// <summary>dX = dY / (H·W), repeated.</summary>
    public static IReadOnlyList<Value?> OfGlobalAveragePool(OpBuilder op, Node n, Value dY) =>
        [op.Expand(dY / op.CountAlong(n.In(0), SpatialAxes(n), dY), op.Shape(n.In(0)))];

    public static long[] SpatialAxes(Node n) => n.In(0).Shape is { } x
        ? Axes.Range(2, x.Rank - 2)
        : throw n.Refuse("the rank of its input is not known", "Run ONNX shape inference on the model");

    private static Value Spread(OpBuilder op, Node n, Value dY, (string, object)[] window) => Like(n.In(0), op.Op("AveragePoolGrad", [dY], window));

    private static Value Like(Value x, Value dX)
    {
        (dX.Type, dX.Shape) = (x.Type, x.Shape);
        return dX;
    }
}
