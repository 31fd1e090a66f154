using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// Winograd's minimal filtering F(2, 3) along every axis (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016): two outputs
/// of a kernel of three take four products instead of six, a tile of 2x2 outputs 16 instead of 36.
/// <code>
/// V = Bᵀ X B    M_f = V_f U_fᵀ      Y  = Aᵀ M A      [Q·N, C] · [O, C]ᵀ: the tiles of all images, product f of each
/// U = G W Gᵀ    dV_f = dM_f U_f     dX = B dV Bᵀ
/// dM = A dY Aᵀ  dU_f = dM_fᵀ V_f    dW = Gᵀ dU G
/// </code>
/// One matrix transforms an axis for all its tiles, and knows the padding too; where an image has few positions, one matrix does all axes. Rounding
/// grows by little: the entries along an axis are 0, ±1 and ½.
/// </summary>
internal sealed class Winograd(OpBuilder op, Convolution conv)
{
    private const int Taps = 3, TileOutputs = 2, TileProducts = 4;

    /// <summary>Along an axis; more make its matrix dearer than what is saved.</summary>
    private const long MostPositions = 64;

    /// <summary>Of an image of X and of Y whose axes are transformed together: then the tiles of all are rows of one product.</summary>
    private const long FewPositions = 16;

    private static readonly float[,] InputTransform = { { 1, 0, -1, 0 }, { 0, 1, 1, 0 }, { 0, -1, 1, 0 }, { 0, 1, 0, -1 } }; // Bᵀ
    private static readonly float[,] WeightTransform = { { 1, 0, 0 }, { 0.5f, 0.5f, 0.5f }, { 0.5f, -0.5f, 0.5f }, { 0, 0, 1 } }; // G
    private static readonly float[,] OutputTransform = { { 1, 0 }, { 1, 1 }, { 1, -1 }, { 0, -1 } }; // A

    private readonly SlidingWindow window = conv.Window;
    private readonly IReadOnlyList<WinogradAxes> steps = Steps(conv.Window);

    public static bool Fit(Convolution conv, LoweringTarget target) =>
        target.Device == ExecutionDevice.Cpu && conv.Groups == 1 && conv.W.Type == ElementType.Float && conv.Window is { IsKnown: true, Rank: <= 3 } window
        && window.Kernel.All(extent => extent == Taps) && window.Strides.All(stride => stride == 1) && window.Dilations.All(dilation => dilation == 1)
        && window.Input.Concat(window.Output).All(extent => extent is > 0 and <= MostPositions);

    /// <summary>What is transformed together, in order: all axes of few positions, else one after the other, the last first.</summary>
    public static IReadOnlyList<WinogradAxes> Steps(SlidingWindow window)
    {
        int[] axes = [.. Enumerable.Range(0, window.Rank)];
        bool areFew = Math.Max(window.Input.Product(), window.Output.Product()) <= FewPositions; // wide pads make many outputs of few inputs
        int[][] steps = areFew ? [axes] : [.. axes.Reverse().Select(axis => new[] { axis })];
        return [.. steps.Select(together => new WinogradAxes(together,
            together.Aggregate(1L, (products, _) => products * TileProducts),
            together.Select(axis => TilesOf(window.Output[axis])).Product(),
            together.Select(axis => window.Input[axis]).Product(),
            together.Select(axis => window.Output[axis]).Product()))];
    }

    /// <summary>V [F, Q, …, F', Q'·N, C].</summary>
    public Value Inputs() => Spread(conv.X, conv.Inputs, InputMatrix);

    /// <summary>dM [F, Q, …, F', Q'·N, O] of dY.</summary>
    public Value OutputGradients(Value dY) => Spread(dY, conv.Outputs, OutputMatrix);

    /// <summary>U [F, 1, …, F', O, C].</summary>
    public Value Weights()
    {
        Value u = op.Gemm(KernelMatrix(_ => 1), op.Reshape(conv.W, conv.Outputs * conv.Inputs, window.Taps), transB: true);
        return op.Reshape(u, [.. steps.SelectMany(step => new[] { step.Products, 1L }).SkipLast(1), conv.Outputs, conv.Inputs]);
    }

    /// <summary>Y of M.</summary>
    public Value Output(Value m) => Gathered(m, conv.Outputs, OutputMatrix, window.Output);

    /// <summary>dX of dV.</summary>
    public Value InputGradient(Value dV) => Gathered(dV, conv.Inputs, InputMatrix, window.Input);

    /// <summary>dU [F, Q, …, F', O, C] → dW, summed over the tiles.</summary>
    public Value WeightGradient(Value dU)
    {
        Value g = KernelMatrix(step => step == steps[^1] ? 1 : step.Tiles);
        return op.Reshape(op.Gemm(op.Reshape(dU, -1, conv.Outputs * conv.Inputs), g, transA: true), conv.WeightShape);
    }

    /// <summary>[N, C, …] → [F, Q, …, F', Q'·N, C].</summary>
    private Value Spread(Value x, long channels, Func<WinogradAxes, Value> matrix)
    {
        long[] done = [];
        foreach (WinogradAxes step in steps)
        {
            Value transform = matrix(step);
            x = op.FusedMatMul(transform, op.Reshape(x, [.. done, -1, transform.Shape![1].Value]), transB: true);
            done = [done.Product() * step.Rows];
        }
        return op.Reshape(x, [.. steps.SelectMany(step => new[] { step.Products, step.Tiles }).SkipLast(1), -1, channels]);
    }

    /// <summary>[F, Q, …, F', Q'·N, C] → [N, C, …].</summary>
    private Value Gathered(Value tiles, long channels, Func<WinogradAxes, Value> matrix, long[] spatial)
    {
        for (int last = steps.Count - 1; last >= 0; last--)
        {
            long[] left = last == 0 ? [] : [steps.Take(last).Select(step => step.Rows).Product()];
            tiles = op.FusedMatMul(op.Reshape(tiles, [.. left, steps[last].Rows, -1]), matrix(steps[last]), transA: true);
        }
        return op.Reshape(tiles, [-1, channels, .. spatial]);
    }

    /// <summary>[F·Q, positions of X].</summary>
    private Value InputMatrix(WinogradAxes step) => Matrix(step, window.Input, (axis, f, q, p) =>
        Entry(InputTransform, f, p + window.PadsBegin[axis] - (TileOutputs * q)));

    /// <summary>[F·Q, positions of Y].</summary>
    private Value OutputMatrix(WinogradAxes step) => Matrix(step, window.Output, (_, f, q, p) => Entry(OutputTransform, f, p - (TileOutputs * q)));

    private Value Matrix(WinogradAxes step, long[] extents, Func<int, long, long, long, float> entry)
    {
        long[] positions = [.. step.Axes.Select(axis => extents[axis])], tiles = [.. step.Axes.Select(axis => TilesOf(window.Output[axis]))];
        float[] entries = [.. from f in ProductsOf(step)
                           from q in tiles.Indices()
                           from p in positions.Indices()
                           select step.Axes.Select((axis, i) => entry(axis, f[i], q[i], p[i])).Aggregate(1f, (product, factor) => product * factor)];
        return op.Constant(Tensor.Of([step.Rows, positions.Product()], entries));
    }

    /// <summary>[F·Q·…·F', K], the same for as many tiles as a step counts.</summary>
    private Value KernelMatrix(Func<WinogradAxes, long> tiles)
    {
        IEnumerable<long[]> rows = [[]];
        foreach (WinogradAxes step in steps)
        {
            rows = [.. from row in rows
                       from f in ProductsOf(step)
                       from _ in Enumerable.Range(0, (int)tiles(step))
                       select (long[])[.. row, .. f]];
        }
        int[] axes = [.. steps.SelectMany(step => step.Axes)];
        float[] entries = [.. from f in rows
                           from k in window.Positions
                           select axes.Select((axis, i) => WeightTransform[f[i], k[axis]]).Aggregate(1f, (product, factor) => product * factor)];
        return op.Constant(Tensor.Of([entries.Length / window.Taps, window.Taps], entries));
    }

    /// <summary>f along each axis of a step.</summary>
    private static IEnumerable<long[]> ProductsOf(WinogradAxes step) => step.Axes.Select(_ => (long)TileProducts).ToArray().Indices();

    private static long TilesOf(long outputs) => (outputs + TileOutputs - 1) / TileOutputs;

    private static float Entry(float[,] transform, long f, long position) =>
        position >= 0 && position < transform.GetLength(1) ? transform[f, position] : 0;
}

/// <summary>Axes that one matrix transforms.</summary>
/// <param name="Axes">Of the window, in order.</param>
/// <param name="Products">F: of a tile.</param>
/// <param name="Tiles">Q.</param>
/// <param name="Inputs">Positions of X.</param>
/// <param name="Outputs">Positions of Y.</param>
internal sealed record WinogradAxes(IReadOnlyList<int> Axes, long Products, long Tiles, long Inputs, long Outputs)
{
    /// <summary>F·Q, what its positions become.</summary>
    public long Rows => Products * Tiles;
}
