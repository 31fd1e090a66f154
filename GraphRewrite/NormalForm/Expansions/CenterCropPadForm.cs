using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// CenterCropPad(X, shape): axes that are too long are cut to their middle, those too short get zeros on both sides; odd rests at the end.
/// </summary>
internal static class CenterCropPadForm
{
    public static IReadOnlyList<Value?> Write(OpBuilder op, Node n)
    {
        (Value x, Value wanted) = (n.In(0), n.In(1));
        if (x.Shape is not { } shape) throw n.Refuse("the rank of its input is not known", "Run ONNX shape inference on the model");
        long[] axes = n.Ints("axes") is { } given ? [.. given.Select(axis => (long)shape.Axis(axis))] : Axes.Range(0, shape.Rank);
        Value zero = op.Ints(0), two = op.Ints(2), along = op.Ints(axes);
        wanted = op.Cast(wanted, ElementType.Int64);
        Value extents = op.Gather(op.Shape(x), along);
        Value start = op.Op("Max", [extents - wanted, zero]) / two;
        Value cut = op.Op("Slice", [x, start, start + op.Op("Min", [extents, wanted]), along]);
        Value missing = op.Op("Max", [wanted - extents, zero]), begin = missing / two;
        return [op.Op("Pad", [cut, op.Concat(0, begin, missing - begin), null, along])];
    }
}
