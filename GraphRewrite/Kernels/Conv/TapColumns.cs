using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// The patches that a window sees of X: columns, one for each output position of each image, of K·C/g numbers. The positions of the window ("taps")
/// along the last axis take runs of it; where that has a stride s, of every s-th position, which are put beside each other before. The rows so made
/// are gathered for all taps along the other axes at once. On the CPU columns come in pieces of whole images, each a product of its own: the pieces
/// are shared among the threads and fit the caches, where the matrices of a product are too small to be cut.
/// </summary>
internal sealed class TapColumns
{
    /// <summary>All taps together stay below this; with more, the output's rows are dealt with in parts.</summary>
    private const long PartBytes = 32 << 20;

    /// <summary>More taps, counted anew in each part, are a graph beyond reason.</summary>
    public const long MostTaps = 8192;

    private const int MostPieces = 8;

    private readonly OpBuilder op;
    private readonly SlidingWindow window;
    private readonly Dictionary<long, Value> phases = [];
    private readonly Dictionary<long, Value> rowTaps = [];
    private readonly Value x;
    private readonly Value padded; // [g, C/g, N, …] or [q, C, N/q, …], q pieces
    private readonly long channels;
    private readonly long groups;
    private readonly long pieces;

    /// <param name="op">Where the nodes go.</param>
    /// <param name="x">X [N, C, …].</param>
    /// <param name="window">The window, over known extents.</param>
    /// <param name="channels">C.</param>
    /// <param name="groups">g; with several, each is a product of its own, and nothing else is cut.</param>
    /// <param name="hasPieces">Whether the columns come in pieces of images: [q, K·C, N/q·P] in place of [K·C, N·P].</param>
    public TapColumns(OpBuilder op, Value x, SlidingWindow window, long channels, long groups, bool hasPieces)
    {
        (this.op, this.x, this.window, this.channels, this.groups) = (op, x, window, channels, groups);
        Rows = RowsOf(window, channels, Convolution.BatchOf(x));
        pieces = hasPieces && groups == 1 && x.Shape is [{ IsKnown: true } images, ..] ? PiecesOf(images.Value, Rows * PositionsOfRow(window)) : 1;
        Value planes = ByPiece(x, channels, window.Input);
        if (groups > 1) planes = op.Reshape(planes, [groups, channels / groups, -1, .. window.Input]);
        padded = op.Pad(planes, [0, 0, 0, .. window.PadsBegin, 0, 0, 0, .. window.PadsEnd]);
    }

    /// <summary>Whether the columns of X come in pieces: on the CPU, which has no stacked products of float64.</summary>
    public static bool ComeInPieces(Value x, LoweringTarget target) => target.Device == ExecutionDevice.Cpu && x.Type != ElementType.Double;

    /// <param name="window">The window.</param>
    /// <param name="channels">Of X.</param>
    /// <param name="batch">Of X.</param>
    public static bool Fit(SlidingWindow? window, long channels, long batch) => window is { IsKnown: true } && window.Output.All(extent => extent > 0)
        && (double)window.Taps * (window.Output[0] / RowsOf(window, channels, batch)) <= MostTaps;

    /// <summary>Whether all taps are made at once.</summary>
    public static bool FitInOnePart(SlidingWindow window, long channels, long batch) =>
        Fit(window, channels, batch) && RowsOf(window, channels, batch) >= window.Output[0];

    /// <summary>Rows of the output in a part.</summary>
    public long Rows { get; }

    /// <summary>Where the parts begin, counted in rows of the output.</summary>
    public IEnumerable<long> Parts
    {
        get
        {
            for (long row = 0; row < window.Output[0]; row += Rows) yield return row;
        }
    }

    /// <summary>What the K·C/g numbers of a column are, slowest first: taps along the last axis, channels, taps along the other axes.</summary>
    public long[] Features => [window.Kernel[^1], channels / groups, window.Taps / window.Kernel[^1]];

    /// <summary>All taps of one part, stacked: [K·C/g, N·P] a group or [K·C, N/q·P] a piece, P the output positions of the part.</summary>
    public Value Stacked(long row)
    {
        long count = Math.Min(Rows, window.Output[0] - row);
        Value runs = op.Concat(1, [.. Axes.Range(0, (int)window.Kernel[^1]).Select(k => Runs(k, row, count))]);
        return Columns(Enumerable.Range(0, window.Rank - 1).All(IsLeftAlone) ? runs : RowTaps(runs, count), window.Taps * channels);
    }

    /// <summary>dY [N, O, …] → [O/g, N·P] a group or [O, N/q·P] a piece, of one part.</summary>
    public Value Outputs(Value dY, long outputs, long row) =>
        Columns(PartOf(ByPiece(dY, outputs, window.Output), axis: 3, row), outputs);

    /// <summary>dY [N, O, OH, OW] → [N·P, O] or [N/q·P, O] a piece, of one part, by way of blocks of channels, in which dY mostly lies.</summary>
    public Value OutputRows(Value dY, long outputs, long row, ChannelBlocks blocks)
    {
        Value part = PartOf(blocks.ToChannelsLast(dY, outputs, window.Output), axis: 1, row);
        return pieces == 1 ? op.Reshape(part, -1, outputs) : op.Reshape(part, pieces, -1, outputs);
    }

    /// <summary>The columns of a part [r, N·P] times others [s, N·P] (or rows [N·P, s]): group by group, or added up over the pieces.</summary>
    public Value Product(Value a, Value b, bool transB)
    {
        Value products = Stack == 1 || a.Type == ElementType.Double ? op.Product(a, b, transB: transB) : op.FusedMatMul(a, b, transB: transB);
        return pieces == 1 ? products : op.ReduceSum(products, [0], keepDims: false);
    }

    /// <summary>The groups, or the pieces: not both are several.</summary>
    private long Stack => groups * pieces;

    /// <summary>X [N, C, …] → [q, C, N/q, …].</summary>
    private Value ByPiece(Value x, long count, long[] extents) => count == 1 ? op.Reshape(x, [pieces, 1, -1, .. extents])
        : op.Transpose(op.Reshape(x, [pieces, -1, count, .. extents]), [0, 2, 1, .. Axes.Range(3, window.Rank)]);

    /// <summary>[q, C, N/q, …] → [C/g, N·P] a group or [C, N/q·P] a piece.</summary>
    private Value Columns(Value x, long count) => Stack == 1 ? op.Reshape(x, count, -1) : op.Reshape(x, Stack, count / groups, -1);

    private Value PartOf(Value x, long axis, long row) => Rows >= window.Output[0] ? x : op.Slice(x, [axis], [row], [Math.Min(row + Rows, window.Output[0])]);

    /// <summary>What a tap along the last axis reads for a part: [s, C/s, N/q, rows of X, …, OW].</summary>
    private Value Runs(long k, long firstRow, long count)
    {
        int last = window.Rank - 1;
        bool isWhole = count == window.Output[0];
        if (isWhole && IsLeftAlone(last)) return padded;
        (long start, long phase) = long.DivRem(k * window.Dilations[last], window.Strides[last]);
        Value of = Phase(phase);
        if (last == 0) return op.Slice(of, [3], [start + firstRow], [start + firstRow + count]);
        if (isWhole) return op.Slice(of, [3 + last], [start], [start + window.Output[last]]);
        long firstOfX = firstRow * window.Strides[0];
        return op.Slice(of, [3, 3 + last], [firstOfX, start], [firstOfX + RowsOfX(count), start + window.Output[last]]);
    }

    /// <summary>Runs → what all taps along the other axes read of them: [s, K·C/s, N/q·rows of the part, OW].</summary>
    private Value RowTaps(Value runs, long count)
    {
        if (!rowTaps.TryGetValue(count, out Value? rows)) rowTaps[count] = rows = RowNumbers(count);
        return op.Gather(op.Reshape(runs, Stack, window.Kernel[^1] * channels / groups, -1, window.Output[^1]), rows, axis: 2);
    }

    /// <summary>The rows of X's images, end to end, that a part reads: [taps along all axes but the last, N/q, rows of the part].</summary>
    private Value RowNumbers(long count)
    {
        int leading = window.Rank - 1;
        bool isWhole = count == window.Output[0];
        long[] extents = [isWhole ? Padded(0) : RowsOfX(count), .. Enumerable.Range(1, leading - 1).Select(Padded)];
        long[] outputs = [count, .. window.Output[1..leading]];
        long[] numbers = [.. from tap in window.Kernel[..leading].Indices() from output in outputs.Indices() select Number(tap, output)];
        Value image = x.Shape is [{ IsKnown: true } images, ..]
            ? op.Ints(Axes.Range(0, (int)(images.Value / pieces))) : op.Range(op.Extent(x, 0));
        Value first = op.Reshape(image * op.Ints(extents.Product()), -1, 1);
        return op.Constant(Tensor.Of([window.Taps / window.Kernel[^1], 1, outputs.Product()], numbers)) + first;

        long Number(long[] tap, long[] output)
        {
            long number = 0;
            for (int axis = 0; axis < leading; axis++)
                number = (number * extents[axis]) + (output[axis] * window.Strides[axis]) + (tap[axis] * window.Dilations[axis]);
            return number;
        }
    }

    /// <summary>Whether each position of an output reads that position of X, along one axis.</summary>
    private bool IsLeftAlone(int axis) => window.Kernel[axis] == 1 && window.Strides[axis] == 1;

    private long Padded(int axis) => window.Input[axis] + window.PadsBegin[axis] + window.PadsEnd[axis];

    /// <summary>The rows of X that so many rows of the output read.</summary>
    private long RowsOfX(long count) => ((count - 1) * window.Strides[0]) + window.Extent(0);

    /// <summary>Every s-th position of the last axis, from the p-th on.</summary>
    private Value Phase(long first)
    {
        long stride = window.Strides[^1];
        if (stride == 1) return padded;
        if (!phases.TryGetValue(first, out Value? phase))
            phases[first] = phase = op.Slice(padded, [window.Rank + 2], [first], [Padded(window.Rank - 1)], [stride]);
        return phase;
    }

    /// <summary>An even number, which threads share evenly, whose rows do not share their places in the cache.</summary>
    private static long PiecesOf(long images, long positionsOfImage) => images == 0 ? 1
        : Axes.Range(1, MostPieces).Where(count => images % count == 0)
            .MaxBy(count => (count % 2 == 0, !CachePlaces.AreShared(images / count * positionsOfImage), count));

    private static long PositionsOfRow(SlidingWindow window) => window.Output.Skip(1).Product();

    private static long RowsOf(SlidingWindow window, long channels, long batch)
    {
        double bytesOfRow = 4.0 * batch * channels * window.Taps * PositionsOfRow(window);
        return (long)Math.Clamp(PartBytes / bytesOfRow, 1, window.Output[0]);
    }
}
