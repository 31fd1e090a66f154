using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// A convolution over images of few positions as products of matrices, one for each pair of an output position i and an input position j that one
/// position k of the kernel joins: Y_i [N, O] = Σ_(j, k) X_j [N, C] W_kᵀ. No tap reads the padding, which is most of what a kernel sees of a small
/// image, and every W_k [O, C] is read once a pair rather than once an image.
/// </summary>
internal sealed class PositionPairs
{
    /// <summary>More pairs are more nodes than their products are worth; positions that are in no pair are few too.</summary>
    private const int Most = 64, MostPositions = 4 * Most;

    private readonly OpBuilder op;
    private readonly SlidingWindow window;

    public PositionPairs(OpBuilder op, SlidingWindow window)
    {
        (this.op, this.window) = (op, window);
        All = [.. Pairs(window)];
    }

    /// <summary>Output position, input position, kernel position, each flat in row-major order.</summary>
    public IReadOnlyList<(int Output, int Input, int Tap)> All { get; }

    public int Outputs => (int)window.Output.Product();

    public int Inputs => (int)window.Input.Product();

    public static bool Fit(Convolution conv) => conv.Groups == 1 && conv.Window is { IsKnown: true } window && Count(window) is > 0 and <= Most
        && window.Output.Aggregate(1.0, (product, extent) => product * extent) <= MostPositions
        && window.Input.Aggregate(1.0, (product, extent) => product * extent) <= MostPositions;

    /// <summary>Pairs of a window over known extents.</summary>
    public static double Count(SlidingWindow window) =>
        Enumerable.Range(0, window.Rank).Aggregate(1.0, (product, axis) => product * CountAlong(window, axis));

    /// <summary>X [N, C, …] → X_j [N, C], position by position.</summary>
    public Value[] Split(Value x, long channels, long[] spatial)
    {
        Value whole = op.Transpose(x, [.. window.Axes, 0, 1]);
        int count = (int)spatial.Product();
        return count == 1 ? [op.Reshape(whole, -1, channels)] : op.Unstack(op.Reshape(whole, count, -1, channels), 0, count);
    }

    /// <summary>Y_i [N, O] → Y [N, O, …], zeros where there is none.</summary>
    public Value Joined(Value?[] positions, long channels, long[] spatial)
    {
        Value known = positions.First(position => position is not null)!;
        Value zeros = op.Expand(op.ScalarLike(known, 0), op.Shape(known));
        Value whole = op.Reshape(op.Concat(0, [.. positions.Select(position => position ?? zeros)]), [.. spatial, -1, channels]);
        return op.Transpose(whole, [spatial.Length, spatial.Length + 1, .. Axes.Range(0, spatial.Length)]);
    }

    private static IEnumerable<(int Output, int Input, int Tap)> Pairs(SlidingWindow window)
    {
        IEnumerable<(int Output, int Input, int Tap)> pairs = [(0, 0, 0)];
        for (int axis = 0; axis < window.Rank; axis++)
        {
            (int outputs, int inputs, int taps) = ((int)window.Output[axis], (int)window.Input[axis], (int)window.Kernel[axis]);
            (int Output, int Input, int Tap)[] along = [.. Along(window, axis)];
            pairs = pairs.SelectMany(_ => along, (outer, inner) =>
                ((outer.Output * outputs) + inner.Output, (outer.Input * inputs) + inner.Input, (outer.Tap * taps) + inner.Tap));
        }
        return pairs;
    }

    /// <summary>The pairs along one axis: j = i·stride + k·dilation − pad, where that lies inside.</summary>
    private static IEnumerable<(int Output, int Input, int Tap)> Along(SlidingWindow window, int axis) =>
        from i in Enumerable.Range(0, (int)window.Output[axis])
        from k in Enumerable.Range(0, (int)window.Kernel[axis])
        let j = window.At(axis, i, k)
        where j >= 0 && j < window.Input[axis]
        select (i, (int)j, k);

    /// <summary>Their number: for each k the outputs i with 0 ≤ j &lt; extent.</summary>
    private static double CountAlong(SlidingWindow window, int axis)
    {
        double count = 0;
        long stride = window.Strides[axis], last = window.Output[axis] - 1;
        for (long k = 0; k < window.Kernel[axis]; k++)
        {
            long atFirst = window.At(axis, 0, k), room = window.Input[axis] - 1 - atFirst;
            if (room < 0) break; // as for every k beyond
            long from = atFirst >= 0 ? 0 : (stride - 1 - atFirst) / stride;
            count += Math.Max(0, Math.Min(last, room / stride) - from + 1);
        }
        return count;
    }
}
