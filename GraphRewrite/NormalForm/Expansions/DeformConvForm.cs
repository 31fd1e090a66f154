using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.NormalForm.Expansions;

/// <summary>
/// DeformConv(X [N, C, H, W], W [M, C/g, kh, kw], offset [N, og·K·2, oh, ow], B, mask [N, og·K, oh, ow]), K = kh·kw: each tap of the window reads X
/// bilinearly beside its place, by an offset (y, x) of its own, times its mask; the columns [N, g, C/g·K, oh·ow] are multiplied by W.
/// </summary>
internal static class DeformConvForm
{
    public static IReadOnlyList<Value?> Write(OpBuilder op, Node n)
    {
        (Value x, Value w, Value offset) = (n.In(0), n.In(1), n.In(2));
        if (x.Shape is not { Rank: 4 } image || !image[1].IsKnown || w.Shape is not { Rank: 4, IsStatic: true } weight)
            throw n.Refuse("the channels of its input or the shape of its weight are not known", "Run ONNX shape inference on the model");
        (long channels, long kh, long kw) = (image[1].Value, weight[2].Value, weight[3].Value);
        (long offsetGroups, long groups, long taps) = (n.Int("offset_group", 1), n.Int("group", 1), kh * kw);
        WindowAxis[] windows = [.. WindowAxis.AllOf(n, [kh, kw])];

        Value oh = op.Extent(offset, 2), ow = op.Extent(offset, 3);
        Value outputs = op.Slice(op.Shape(offset), [0], [2], [4]);
        Value shifts = op.Reshape(offset, op.Concat(0, op.Ints(0, offsetGroups, taps, 2), outputs)); // [N, og, K, 2, oh, ow]
        Value[] extents = [op.Extent(x, 2), op.Extent(x, 3)];
        Value y = Place(op, shifts, 0, windows[0], oh, taps, kw), xs = Place(op, shifts, 1, windows[1], ow, taps, kw);
        Tap[][] axes = [Sampling.Linear(op, y, extents[0], Sampling.Zeros), Sampling.Linear(op, xs, extents[1], Sampling.Zeros)];

        // Rows of X by example and group of channels: [N·og·H·W, C/og].
        Value plane = extents[0] * extents[1], spatial = op.Slice(op.Shape(x), [0], [2], [4]);
        Value grouped = op.Reshape(x, op.Concat(0, op.Ints(-1, channels / offsetGroups), spatial)); // [N·og, C/og, H, W]
        Value start = op.Reshape(op.Range(op.Extent(grouped, 0)), -1, offsetGroups, 1, 1, 1) * plane;
        IEnumerable<Tap> all = Sampling.Product(op, axes, extents).Select(tap => tap with { Index = tap.Index + start });
        Value read = Sampling.Read(op, Sampling.Rows(op, grouped), all); // [N, og, K, oh, ow, C/og]
        if (n.InOrNull(4) is { } mask)
            read *= op.Unsqueeze(op.Reshape(mask, op.Concat(0, op.Ints(0, offsetGroups, taps), outputs)), -1);

        Value columns = op.Reshape(op.Transpose(read, 0, 1, 5, 2, 3, 4), 0, groups, channels / groups * taps, -1);
        Value matrix = op.Reshape(w, groups, weight[0].Value / groups, channels / groups * taps);
        Value product = op.MatMul(matrix, columns); // [N, g, M/g, oh·ow]
        Value made = op.Reshape(product, op.Concat(0, op.Ints(0, weight[0].Value), outputs));
        return [n.InOrNull(3) is { } bias ? made + op.Unsqueeze(bias, 1, 2) : made];
    }

    /// <summary>stride · o − pad + dilation · k + offset, [N, og, K, oh, ow].</summary>
    private static Value Place(OpBuilder op, Value shifts, int axis, WindowAxis window, Value outputs, long taps, long kw)
    {
        Value shift = op.Gather(shifts, Sampling.Long(op, axis), axis: 3);
        long[] along = [.. Axes.Range(0, (int)taps).Select(tap => window.Dilation * (axis == 0 ? tap / kw : tap % kw))];
        Value steps = op.Range(outputs) * Sampling.Long(op, window.Stride);
        Value places = op.Unsqueeze(op.Ints(along), 1, 2) + (axis == 0 ? op.Unsqueeze(steps, 1) : steps) - Sampling.Long(op, window.DeclaredBegin);
        return shift + op.Cast(places, shift.Type.FloatIfUndefined());
    }
}
