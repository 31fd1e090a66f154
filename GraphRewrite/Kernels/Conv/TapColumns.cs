using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// The patches that a window sees of X, position by position of the window ("taps"), with the batch innermost: what a tap takes of an image then lies
/// together in runs of N, with strides too.
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
    private readonly Value padded; // [C, H, W, N]
    private readonly long channels;
    private readonly long groups;

    public TapColumns(OpBuilder op, Value x, SlidingWindow window, long channels, long groups, long batch)
    {
        this.op = op;
        this.window = window;
        this.channels = channels;
        this.groups = groups;
        Value innermost = op.Reshape(BatchInnermost(op, x), [channels, .. window.Input, -1]);
        padded = op.Pad(innermost, [0, .. window.PadsBegin, 0, 0, .. window.PadsEnd, 0]);
        Rows = RowsOf(window, channels, batch);
    }

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

    /// <summary>[N, C, …] → [C·…, N].</summary>
    public static Value BatchInnermost(OpBuilder op, Value x) => op.Transpose(op.Reshape(x, 0, -1), 1, 0);

    /// <summary>All taps of one part, stacked: [K·C/g, P·N] a group, P the output positions of the part.</summary>
    public Value Stacked(long row) => op.Concat(groups == 1 ? 0 : 1, [.. Taps(row, Math.Min(row + Rows, window.Output[0]))]);

    /// <summary>dY [N, O, …] → [O/g, P·N] a group, of one part.</summary>
    public Value Outputs(Value dY, long outputs, long row)
    {
        if (Rows >= window.Output[0]) return ByGroup(BatchInnermost(op, dY), outputs / groups);
        Value byRow = op.Reshape(BatchInnermost(op, dY), outputs, window.Output[0], -1);
        return ByGroup(op.Slice(byRow, [1], [row], [Math.Min(row + Rows, window.Output[0])]), outputs / groups);
    }

    /// <summary>
    /// a bᵀ of [r, P·N] and [s, P·N], group by group. On the CPU a sum of several products, each over a piece of P·N: they are shared among the threads
    /// and fit the caches, where r and s are too small to be cut.
    /// </summary>
    public Value Product(Value a, Value b, LoweringTarget target)
    {
        if (a.Type == ElementType.Double) return op.Product(a, b, transB: true);
        if (groups > 1) return op.FusedMatMul(a, b, transB: true);
        long pieces = target.Device == ExecutionDevice.Cpu ? Pieces : 1;
        if (pieces == 1) return op.Gemm(a, b, transB: true);
        Value products = op.Op("com.microsoft::FusedMatMul", [Cut(a), Cut(b)], ("transBatchA", true), ("transBatchB", true), ("transB", true));
        return op.ReduceSum(products, [0], keepDims: false);

        Value Cut(Value x) => op.Reshape(x, x.Shape![0].Value, pieces, -1);
    }

    /// <summary>Into how many pieces P·N falls evenly whatever N and the part.</summary>
    private int Pieces => Enumerable.Range(1, MostPieces).Last(count => SlidingWindow.Product(window.Output.Skip(1)) % count == 0);

    private Value ByGroup(Value x, long rows) => groups == 1 ? op.Reshape(x, rows, -1) : op.Reshape(x, groups, rows, -1);

    private static long RowsOf(SlidingWindow window, long channels, long batch)
    {
        double bytesOfRow = 4.0 * batch * channels * window.Taps * SlidingWindow.Product(window.Output.Skip(1));
        return (long)Math.Clamp(PartBytes / bytesOfRow, 1, window.Output[0]);
    }

    private IEnumerable<Value> Taps(long firstRow, long endRow) =>
        window.Positions.Select(position => ByGroup(window.TapOfRows(op, padded, position, firstRow, endRow), channels / groups));
}
