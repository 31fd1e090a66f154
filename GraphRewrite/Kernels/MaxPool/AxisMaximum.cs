using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.MaxPool;

/// <summary>
/// The maximum over a window along one axis of images [M, …, B], and its gradient. With stride s, position i = o·s + k·d − pad is number o + q of the
/// residue r of X, where k·d − pad = q·s + r: X is dealt out into its s residues once, and what the windows see at k is one of them, moved by q.
/// </summary>
internal sealed class AxisMaximum
{
    private readonly OpBuilder op;
    private readonly BlockedImages images;
    private readonly SlidingWindow window;
    private readonly int axis;
    private readonly long block;
    private readonly Value[] taps;

    /// <param name="op">Where the nodes go.</param>
    /// <param name="images">What X is one of.</param>
    /// <param name="x">X [M, …, B].</param>
    /// <param name="window">The window along all axes.</param>
    /// <param name="axis">The axis that the maximum is taken along.</param>
    /// <param name="y">The maxima, where they are known already.</param>
    public AxisMaximum(OpBuilder op, BlockedImages images, Value x, SlidingWindow window, int axis, Value? y)
    {
        (this.op, this.images, this.window, this.axis, block) = (op, images, window, axis, x.Shape![^1].Value);
        Value lowest = op.ScalarLike(x, double.NegativeInfinity);
        // The last position takes what the others leave of dY: X is not looked at there.
        (long Number, long Residue)[] read = [.. y is null ? Positions : Positions.SkipLast(1)];
        Value[] residues = Residues(x, read.Select(position => position.Residue), lowest);
        taps = [.. read.Select(position => Moved(residues[position.Residue], -position.Number, Outputs, lowest))];
        Y = y ?? (taps.Length == 1 ? taps[0] : op.Op("Max", taps));
    }

    public Value Y { get; }

    private long Stride => window.Strides[axis];

    private long Inputs => window.Input[axis];

    private long Outputs => window.Output[axis];

    /// <summary>The extent of a residue.</summary>
    private long Length => (Inputs + Stride - 1) / Stride;

    /// <summary>Where the windows begin to read at each of their positions: number and residue.</summary>
    private IEnumerable<(long Number, long Residue)> Positions =>
        from k in Enumerable.Range(0, (int)window.Kernel[axis])
        let offset = window.At(axis, 0, k)
        let residue = ((offset % Stride) + Stride) % Stride
        select ((offset - residue) / Stride, residue);

    /// <summary>
    /// At each position of the window in order, an output takes the position where X = Y, unless an earlier one had it: what is left of dY becomes 0
    /// as soon as it is given away, and the last position takes what is left in the end. What the positions get is put back where they lie.
    /// </summary>
    public Value Gradient(Value dY)
    {
        Value left = dY;
        var shares = new List<Value>();
        foreach (Value tap in taps.Take(Positions.Count() - 1))
        {
            Value share = left * op.Cast(op.Op("Equal", [tap, Y]), tap.Type);
            left -= share;
            shares.Add(share);
        }
        return Interleaved([.. shares, left]);
    }

    /// <summary>X, dealt out: [M, …, L, …, B] each; the first alone, where no other is needed.</summary>
    private Value[] Residues(Value x, IEnumerable<long> needed, Value lowest)
    {
        if (Stride == 1) return [x];
        if (needed.All(residue => residue == 0) && images.EveryNth(x, axis, Stride) is { } first) return [first];
        Value whole = op.Reshape(Moved(x, 0, Length * Stride, lowest), Dealt(Stride));
        return [.. op.Split(whole, axis + 2, [.. Enumerable.Repeat(1L, (int)Stride)]).Select(part => op.Reshape(part, Whole(Length)))];
    }

    /// <summary>The shares of each residue, added up where they lie, and the residues put together.</summary>
    private Value Interleaved(Value[] shares)
    {
        ILookup<long, Value> byResidue = Positions.Zip(shares)
            .ToLookup(pair => pair.First.Residue, pair => Moved(pair.Second, pair.First.Number, Length, op.ScalarLike(pair.Second, 0)));
        if (Stride == 1) return op.Sum([.. byResidue[0]]);

        Value first = byResidue.First().First(), zeros = op.Expand(op.ScalarLike(first, 0), op.Shape(first));
        IEnumerable<Value> residues = Enumerable.Range(0, (int)Stride).Select(r => byResidue.Contains(r) ? op.Sum([.. byResidue[r]]) : zeros);
        Value whole = op.Concat(axis + 2, [.. residues.Select(residue => op.Reshape(residue, Dealt(1)))]);
        return Moved(op.Reshape(whole, Whole(Length * Stride)), 0, Inputs, op.ScalarLike(whole, 0));
    }

    /// <summary>X along the axis from −begin on, in a new extent; the fill lies where there is no X.</summary>
    private Value Moved(Value x, long begin, long extent, Value fill)
    {
        long from = x.Shape![axis + 1].Value, end = extent - begin - from;
        if (begin == 0 && end == 0) return x;
        if (begin <= 0 && end <= 0) return op.Slice(x, [axis + 1], [-begin], [-begin + extent]);
        var pads = new long[2 * (window.Rank + 2)];
        (pads[axis + 1], pads[axis + 1 + window.Rank + 2]) = (begin, end);
        return op.Op("Pad", [x, op.Ints(pads), fill]);
    }

    /// <summary>[M, …, L, parts, …, B].</summary>
    private long[] Dealt(long parts) => [.. Whole(Length)[..(axis + 2)], parts, .. Whole(Length)[(axis + 2)..]];

    /// <summary>[M, …, L, …, B]: axes before this one are pooled still, those behind it are not.</summary>
    private long[] Whole(long length) => [-1, .. window.Input[..axis], length, .. window.Output[(axis + 1)..], block];
}
