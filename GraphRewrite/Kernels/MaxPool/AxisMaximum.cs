using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>The maximum over a window along one axis of images [M, …, B], and its gradient.</summary>
internal sealed class AxisMaximum
{
    private readonly OpBuilder op;
    private readonly SlidingWindow window;
    private readonly int axis;
    private readonly long block;
    private readonly Value[] taps;

    public AxisMaximum(OpBuilder op, Value x, SlidingWindow window, int axis)
    {
        (this.op, this.window, this.axis, block) = (op, window, axis, x.Shape![^1].Value);
        Value padded = PadWithLowest(x);
        taps = [.. Enumerable.Range(0, (int)window.Kernel[axis]).Select(k => Tap(padded, k * window.Dilations[axis]))];
        Y = taps.Length == 1 ? taps[0] : op.Op("Max", taps);
    }

    public Value Y { get; }

    private long Stride => window.Strides[axis];

    private long Outputs => window.Output[axis];

    /// <summary>
    /// At each position of the window in order, an output takes the position where X = Y, unless an earlier one had it: what is left of dY becomes 0
    /// as soon as it is given away, and the last position takes what is left in the end. What the positions get is put back where they lie.
    /// </summary>
    public Value Gradient(Value dY)
    {
        Value left = dY;
        var shares = new List<Value>();
        foreach (Value tap in taps[..^1])
        {
            Value share = left * op.Cast(op.Op("Equal", [tap, Y]), tap.Type);
            left -= share;
            shares.Add(share);
        }
        return Interleaved([.. shares, left]);
    }

    /// <summary>
    /// Position o·s + k·d of the padded input is number o + ⌊k·d / s⌋ of residue k·d mod s. The residues side by side, [M, …, L, s, …, B], are the
    /// padded input.
    /// </summary>
    private Value Interleaved(List<Value> shares)
    {
        long begin = window.PadsBegin[axis], length = (begin + window.Input[axis] + Stride - 1) / Stride;
        length = Math.Max(length, Outputs + ((shares.Count - 1) * window.Dilations[axis] / Stride));
        var residues = new List<Value>?[Stride];
        for (int k = 0; k < shares.Count; k++)
        {
            (long shift, long residue) = long.DivRem(k * window.Dilations[axis], Stride);
            (residues[residue] ??= []).Add(op.Reshape(Padded(shares[k], shift, length - Outputs - shift), Split(length)));
        }
        Value first = residues[0]![0];
        Value[] sides = [.. residues.Select(residue => residue is null ? op.Expand(op.ScalarLike(first, 0), op.Shape(first)) : op.Sum(residue))];
        Value whole = op.Reshape(op.Concat(axis + 2, sides), Whole(length * Stride));
        return begin == 0 && length * Stride == window.Input[axis] ? whole : op.Slice(whole, [axis + 1], [begin], [begin + window.Input[axis]]);
    }

    private Value PadWithLowest(Value x)
    {
        (long begin, long end) = (window.PadsBegin[axis], window.FittingEndPad(axis));
        return begin == 0 && end == 0 ? x : op.Op("Pad", [x, op.Ints(AlongAxis(begin, end)), op.ScalarLike(x, double.NegativeInfinity)]);
    }

    private Value Tap(Value padded, long start)
    {
        long end = start + ((Outputs - 1) * Stride) + 1;
        return op.Slice(padded, [axis + 1], [start], [end], Stride == 1 ? null : [Stride]);
    }

    private Value Padded(Value x, long begin, long end) => op.Pad(x, AlongAxis(begin, end));

    /// <summary>Pads of [M, …, B] along the axis.</summary>
    private long[] AlongAxis(long begin, long end)
    {
        var pads = new long[2 * (window.Rank + 2)];
        (pads[axis + 1], pads[axis + 1 + window.Rank + 2]) = (begin, end);
        return pads;
    }

    /// <summary>[M, …, L, 1, …, B]: axes before this one are pooled still, those behind it are not.</summary>
    private long[] Split(long length) => [.. Whole(length)[..(axis + 2)], 1, .. Whole(length)[(axis + 2)..]];

    private long[] Whole(long length) => [-1, .. window.Input[..axis], length, .. window.Output[(axis + 1)..], block];
}
