using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// The patches that a window sees of X, position by position of the window ("taps"): columns, one for each output position of each image, of K·C/g
/// numbers. A tap takes runs of X's last axis; where that has a stride s, of every s-th position of it, which are put beside each other before. On
/// the CPU they come in pieces of whole images, each a product of its own: the pieces are shared among the threads and fit the caches, where the
/// matrices of a product are too small to be cut.
/// </summary>
internal sealed class TapColumns
{
    /// <summary>All taps together stay below this; with more, the output's rows are dealt with in parts.</summary>
    private const long PartBytes = 32 << 20;

    /// <summary>More slices, a tap of a part each, are a graph beyond reason.</summary>
    public const long MostTaps = 8192;

    private const int MostPieces = 8;

    private readonly OpBuilder op;
    private readonly SlidingWindow window;
    private readonly Dictionary<long, Value> phases = [];
    private readonly Value padded; // [q, C, N/q, …], q pieces
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
        (this.op, this.window, this.channels, this.groups) = (op, window, channels, groups);
        Rows = RowsOf(window, channels, Convolution.BatchOf(x));
        pieces = hasPieces && groups == 1 && x.Shape is [{ IsKnown: true } images, ..] ? PiecesOf(images.Value, Rows * PositionsOfRow(window)) : 1;
        padded = op.Pad(ByPiece(x, channels, window.Input), [0, 0, 0, .. window.PadsBegin, 0, 0, 0, .. window.PadsEnd]);
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

    /// <summary>All taps of one part, stacked: [K·C/g, N·P] a group or [K·C, N/q·P] a piece, P the output positions of the part.</summary>
    public Value Stacked(long row) => op.Concat(Stack == 1 ? 0 : 1,
        [.. window.Positions.Select(position => Columns(Tap(position, row, End(row)), channels))]);

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

    private long End(long row) => Math.Min(row + Rows, window.Output[0]);

    /// <summary>X [N, C, …] → [q, C, N/q, …].</summary>
    private Value ByPiece(Value x, long count, long[] extents) => count == 1 ? op.Reshape(x, [pieces, 1, -1, .. extents])
        : op.Transpose(op.Reshape(x, [pieces, -1, count, .. extents]), [0, 2, 1, .. Axes.Range(3, window.Rank)]);

    /// <summary>[q, C, N/q, …] → [C/g, N·P] a group or [C, N/q·P] a piece.</summary>
    private Value Columns(Value x, long count) => Stack == 1 ? op.Reshape(x, count, -1) : op.Reshape(x, Stack, count / groups, -1);

    private Value PartOf(Value x, long axis, long row) => Rows >= window.Output[0] ? x : op.Slice(x, [axis], [row], [End(row)]);

    private Value Tap(long[] position, long firstRow, long endRow)
    {
        int last = window.Rank - 1;
        bool isWhole = window.Taps == 1 && window.Strides.All(stride => stride == 1) && endRow - firstRow == window.Output[0];
        if (isWhole) return padded;
        long[] steps = [.. window.Strides[..last], 1];
        long[] starts = [.. position.Select((k, axis) => k * window.Dilations[axis])];
        (starts[last], long phase) = long.DivRem(starts[last], window.Strides[last]);
        long[] ends = [.. starts.Select((start, axis) => start + (((axis == 0 ? endRow : window.Output[axis]) - 1) * steps[axis]) + 1)];
        starts[0] += firstRow * steps[0];
        return op.Slice(Phase(phase), Axes.Range(3, window.Rank), starts, ends, steps.Any(step => step > 1) ? steps : null);
    }

    /// <summary>Every s-th position of the last axis, from the p-th on.</summary>
    private Value Phase(long first)
    {
        long stride = window.Strides[^1];
        if (stride == 1) return padded;
        if (!phases.TryGetValue(first, out Value? phase))
            phases[first] = phase = op.Slice(padded, [window.Rank + 2], [first], [window.Input[^1] + window.PadsBegin[^1] + window.PadsEnd[^1]], [stride]);
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
