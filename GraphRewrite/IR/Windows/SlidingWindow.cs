using GraphRewrite.Diagnostics;
using GraphRewrite.IR.Building;

namespace GraphRewrite.IR.Windows;

/// <summary>
/// The window that a convolution or a pool slides over its input, axis by axis, auto_pad resolved:
/// out = ⌊(in + pads − extent) / stride⌋ + 1 with extent = (kernel − 1) · dilation + 1.
/// </summary>
internal sealed class SlidingWindow
{
    private readonly long[] padsBegin;
    private readonly long[] padsEnd;
    private readonly long[]? input;
    private readonly long[]? output;

    private SlidingWindow(Node node, long[] kernel, long[]? input)
    {
        Kernel = kernel;
        Strides = node.Ints("strides") ?? Ones(kernel.Length);
        Dilations = node.Ints("dilations") ?? Ones(kernel.Length);
        this.input = input;
        (padsBegin, padsEnd) = ResolvePads(node);
        this.output = input is null ? null : OutputOf(input, ceil: node.Int("ceil_mode", 0) != 0);
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    public IReadOnlyList<long> PadsBegin => padsBegin;

    public IReadOnlyList<long> PadsEnd => padsEnd;

    /// <summary>As ONNX writes them: all begins, then all ends.</summary>
    public long[] Pads => [.. padsBegin, .. padsEnd];

    /// <summary>The number of axes.</summary>
    public int Rank => Kernel.Length;

    /// <summary>The number of positions in the window.</summary>
    public long Taps => Product(Kernel);

    /// <summary>Whether the extents of the input, hence of the output, are known.</summary>
    public bool IsKnown => input is not null;

    public long[] Input => input ?? throw new InvalidOperationException("The spatial extents are not known.");

    public long[] Output => output ?? throw new InvalidOperationException("The spatial extents are not known.");

    /// <summary>The axes of the value that the window slides over.</summary>
    public long[] Axes => [.. Enumerable.Range(2, Rank).Select(axis => (long)axis)];

    /// <summary>All positions in the window, row-major.</summary>
    public IEnumerable<long[]> Positions
    {
        get
        {
            for (long flat = 0; flat < Taps; flat++)
            {
                var position = new long[Rank];
                long rest = flat;
                for (int axis = Rank - 1; axis >= 0; axis--) (rest, position[axis]) = long.DivRem(rest, Kernel[axis]);
                yield return position;
            }
        }
    }

    /// <summary>The window of a node; the shape is [N, C, spatial…], null where unknown.</summary>
    /// <exception cref="GraphRewriteException">auto_pad needs an input extent that is not known.</exception>
    public static SlidingWindow Of(Node node, long[] kernel, Shape? inputShape) =>
        new(node, kernel, Spatial(inputShape));

    public long Extent(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>What all windows together span of the padded input; a strided window may leave a rest.</summary>
    public long Span(int axis) => ((Output[axis] - 1) * Strides[axis]) + Extent(axis);

    /// <summary>
    /// Whether ceil_mode would add a window that begins behind the input, which is dropped. ONNX's static shape inference of MaxPool counts it nevertheless,
    /// so that ONNX Runtime refuses graphs that combine the pool's output with anything of the right shape.
    /// </summary>
    public bool DropsWindow { get; private set; }

    /// <summary>The end pad under which the windows just fit (with ceil_mode more than declared), 0 where they leave a rest of the input.</summary>
    public long FittingEndPad(int axis) => Math.Max(0, Span(axis) - Input[axis] - padsBegin[axis]);

    /// <summary>The padded input [N, C, …] at one position of the window, for all outputs: a strided slice.</summary>
    public Value Tap(OpBuilder op, Value padded, long[] position) => Tap(op, padded, position, firstAxis: 2, 0, Output[0]);

    /// <summary>The same of [C, …, N], for the outputs in some rows of the first axis.</summary>
    public Value TapOfRows(OpBuilder op, Value padded, long[] position, long firstRow, long endRow) => Tap(op, padded, position, firstAxis: 1, firstRow, endRow);

    private Value Tap(OpBuilder op, Value padded, long[] position, int firstAxis, long firstRow, long endRow)
    {
        bool strided = Strides.Any(stride => stride != 1);
        // A 1x1 window of stride 1 sees everything.
        if (Taps == 1 && !strided && endRow - firstRow == Output[0]) return padded;
        long[] starts = [.. position.Select((k, axis) => k * Dilations[axis])];
        long[] ends = [.. starts.Select((start, axis) => start + (((axis == 0 ? endRow : Output[axis]) - 1) * Strides[axis]) + 1)];
        starts[0] += firstRow * Strides[0];
        return op.Slice(padded, [.. Enumerable.Range(firstAxis, Rank).Select(axis => (long)axis)], starts, ends, strided ? Strides : null);
    }

    public static long Product(IEnumerable<long> extents) => extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>The extents after N and C where all of them are known.</summary>
    private static long[]? Spatial(Shape? shape) =>
        shape is not null && shape.Skip(2).All(dim => dim.IsKnown) ? [.. shape.Skip(2).Select(dim => dim.Value)] : null;

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];

    private (long[] Begin, long[] End) ResolvePads(Node node)
    {
        string autoPad = node.String("auto_pad", "NOTSET");
        if (autoPad is "NOTSET" or "")
        {
            long[] pads = node.Ints("pads") ?? new long[2 * Rank];
            return (pads[..Rank], pads[Rank..]);
        }
        var begin = new long[Rank];
        var end = new long[Rank];
        if (autoPad == "VALID") return (begin, end);
        for (int axis = 0; axis < Rank; axis++)
        {
            long stride = Strides[axis];
            if (input is null && stride != 1)
                throw new GraphRewriteException($"Node {node}: auto_pad={autoPad} with stride {stride} needs the spatial extents of the input, which are not known. Export with fixed image sizes, or with explicit pads.");
            long rest = input is null ? 0 : ((((input[axis] + stride - 1) / stride) - 1) * stride) - input[axis] + 1;
            long total = rest + Extent(axis) - 1;
            if (total < 0)
            {
                // ONNX Runtime's Conv leaves the rest of the input unread; its pools cut it at both ends.
                if (node.Op.Type.Contains("Pool", StringComparison.Ordinal)) throw new GraphRewriteException($"Node {node}: auto_pad={autoPad} with stride {stride} beyond the window's extent {Extent(axis)} cuts the input. Export with explicit pads.");
                total = 0;
            }
            begin[axis] = autoPad == "SAME_LOWER" ? (total + 1) / 2 : total / 2;
            end[axis] = total - begin[axis];
        }
        return (begin, end);
    }

    private long[] OutputOf(long[] extents, bool ceil)
    {
        var result = new long[Rank];
        for (int axis = 0; axis < Rank; axis++)
        {
            long room = extents[axis] + padsBegin[axis] + padsEnd[axis] - Extent(axis);
            result[axis] = ((room + (ceil ? Strides[axis] - 1 : 0)) / Strides[axis]) + 1;
            // A window must begin inside the input or its left padding.
            if (!ceil || (result[axis] - 1) * Strides[axis] < extents[axis] + padsBegin[axis]) continue;
            result[axis]--;
            DropsWindow = true;
        }
        return result;
    }
}
