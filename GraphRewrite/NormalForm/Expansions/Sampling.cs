using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>What lies beside an axis of extent E: int64 places → places within it, and what they count (0 or 1; null for 1).</summary>
internal delegate (Value Index, Value? Counts) Outside(OpBuilder op, Value place, Value extent);

/// <summary>An element that an interpolation reads, with its weight; null for 1.</summary>
internal sealed record Tap(Value Index, Value? Weight);

/// <summary>
/// Reads a tensor between its elements, Y(x) = Σ w(x) X[i(x)]: along an axis the taps are those of an interpolation, along several axes their
/// products. Places are float, and may have any shape; gradients flow through the weights to them, and to X.
/// </summary>
internal static class Sampling
{
    private const double CubicCoefficient = -0.75;

    /// <summary>Nothing: 0.</summary>
    public static (Value, Value?) Zeros(OpBuilder op, Value place, Value extent)
    {
        Value inside = op.Op("And", [op.Op("GreaterOrEqual", [place, Long(op, 0)]), op.Op("Less", [place, extent])]);
        return (Clamped(op, place, extent), op.Cast(inside, ElementType.Float));
    }

    /// <summary>The border's element again.</summary>
    public static (Value, Value?) Border(OpBuilder op, Value place, Value extent) => (Clamped(op, place, extent), null);

    /// <summary>The mirror's: ends are mirrored between elements, with a period of 2E, or at them, with 2 (E − 1).</summary>
    public static Outside Mirrored(bool atElements) => (op, place, extent) =>
    {
        Value last = extent - Long(op, 1), turn = atElements ? last : extent;
        Value period = op.Op("Max", [turn + turn, Long(op, 1)]);
        Value within = op.Op("Mod", [place, period]); // the sign of the period, as integers have it in ONNX
        Value back = (atElements ? period : period - Long(op, 1)) - within;
        return (Clamped(op, op.Where(op.Op("Less", [within, extent]), within, back), extent), null);
    };

    /// <summary>The element nearest; halves to the even one.</summary>
    public static Tap[] Nearest(OpBuilder op, Value at, Value extent, Outside outside) =>
        [Placed(op, op.Cast(op.Op("Round", [at]), ElementType.Int64), null, extent, outside)];

    /// <summary>1 − t and t, t from the element before.</summary>
    public static Tap[] Linear(OpBuilder op, Value at, Value extent, Outside outside)
    {
        (Value first, Value t) = Split(op, at);
        return
        [
            Placed(op, first, op.ScalarLike(at, 1) - t, extent, outside),
            Placed(op, first + Long(op, 1), t, extent, outside),
        ];
    }

    /// <summary>Keys' four, a = −0.75.</summary>
    public static Tap[] Cubic(OpBuilder op, Value at, Value extent, Outside outside)
    {
        (Value first, Value t) = Split(op, at);
        return [.. Enumerable.Range(-1, 4).Select(i => Placed(op, first + Long(op, i), Keys(op, t, i), extent, outside))];
    }

    /// <summary>The taps of several axes, outermost first, as places in the flat tensor.</summary>
    public static IEnumerable<Tap> Product(OpBuilder op, IReadOnlyList<Tap[]> axes, IReadOnlyList<Value> extents)
    {
        IEnumerable<Tap> taps = axes[0];
        for (int axis = 1; axis < axes.Count; axis++)
        {
            Value extent = extents[axis];
            Tap[] next = axes[axis];
            taps = [.. from outer in taps from inner in next select new Tap((outer.Index * extent) + inner.Index, Times(outer.Weight, inner.Weight))];
        }
        return taps;
    }

    /// <summary>Σ w X[i] over rows of X [S, C]: the places' shape, then C.</summary>
    public static Value Read(OpBuilder op, Value rows, IEnumerable<Tap> taps) => op.Sum([.. taps.Select(tap =>
        tap.Weight is { } weight ? op.Gather(rows, tap.Index) * op.Unsqueeze(op.Cast(weight, rows.Type), -1) : op.Gather(rows, tap.Index))]);

    /// <summary>[N, C, spatial…] as rows [N · S, C].</summary>
    public static Value Rows(OpBuilder op, Value x)
    {
        Value channels = op.Slice(op.Shape(x), [0], [1], [2]);
        return op.Reshape(op.Transpose(op.Reshape(x, 0, 0, -1), 0, 2, 1), op.Concat(0, op.Ints(-1), channels));
    }

    public static Value Long(OpBuilder op, long value) => op.Constant(Tensor.Scalar(value));

    private static Value? Times(Value? a, Value? b) => a is null ? b : b is null ? a : a * b;

    private static Tap Placed(OpBuilder op, Value place, Value? weight, Value extent, Outside outside)
    {
        (Value index, Value? counts) = outside(op, place, extent);
        return new(index, Times(weight, counts is null || weight is null ? counts : op.Cast(counts, weight.Type)));
    }

    private static (Value First, Value T) Split(OpBuilder op, Value at)
    {
        Value floor = op.Op("Floor", [at]);
        return (op.Cast(floor, ElementType.Int64), at - floor);
    }

    private static Value Clamped(OpBuilder op, Value place, Value extent) => op.Op("Clip", [place, Long(op, 0), extent - Long(op, 1)]);

    /// <summary>
    /// Keys' kernel at the distance d from t to tap i: ((a + 2) d − (a + 3)) d² + 1 up to 1, then ((d − 5) d + 8) d a − 4a.
    /// </summary>
    private static Value Keys(OpBuilder op, Value t, int i)
    {
        Value d = i <= 0 ? t - Of(i) : Of(i) - t;
        const double A = CubicCoefficient;
        if (i is 0 or 1) return ((((d * Of(A + 2)) - Of(A + 3)) * d * d) + Of(1));
        return ((((((d - Of(5)) * d) + Of(8)) * d) - Of(4)) * Of(A));

        Value Of(double value) => op.ScalarLike(t, value);
    }
}
