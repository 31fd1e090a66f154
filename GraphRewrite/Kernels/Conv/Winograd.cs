using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Conv;

/// <summary>
/// Winograd's minimal filtering F(2, 3) along every axis (Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016): two outputs of a
/// kernel of three take four products of channels instead of six; in two dimensions a tile of 2x2 outputs takes 16 instead of 36. For images of few
/// positions, where tiling and padding are a matrix too, so that each transform is one product for the whole batch:
/// <code>
/// V = T X    [F·Q, P] · [N·C, P]ᵀ      Y  = Sᵀ M   with M_f  = V_f U_fᵀ    [Q·N, C] · [O, C]ᵀ for each f
/// U = G W    [F, K] · [O·C, K]ᵀ        dX = Tᵀ dV  with dV_f = dM_f U_f
/// dM = S dY  [F·Q, P'] · [N·O, P']ᵀ    dW = Gᵀ dU  with dU_f = dM_fᵀ V_f
/// </code>
/// F products a tile, Q tiles an image, P and P' positions of X and Y, K positions of the kernel. T, S and G are the paper's Bᵀ, A and G, their
/// products over the axes: entries 0, ±1 and ½ to ¼, so that rounding grows by little.
/// </summary>
internal sealed class Winograd(OpBuilder op, Convolution conv)
{
    private const int Kernel = 3, TileOutputs = 2, TileProducts = 4;

    /// <summary>More positions of an image make the transforms dearer than what they save.</summary>
    private const double MostPositions = 100;

    private static readonly float[,] InputTransform = { { 1, 0, -1, 0 }, { 0, 1, 1, 0 }, { 0, -1, 1, 0 }, { 0, 1, 0, -1 } };
    private static readonly float[,] WeightTransform = { { 1, 0, 0 }, { 0.5f, 0.5f, 0.5f }, { 0.5f, -0.5f, 0.5f }, { 0, 0, 1 } };
    private static readonly float[,] OutputTransform = { { 1, 0 }, { 1, 1 }, { 1, -1 }, { 0, -1 } };

    private SlidingWindow Window => conv.Window;

    public static bool Fit(Convolution conv, LoweringTarget target) =>
        target.Device == ExecutionDevice.Cpu && conv.Groups == 1 && conv.W.Type == ElementType.Float && conv.Window is { IsKnown: true } window
        && window.Kernel.All(extent => extent == Kernel) && window.Strides.All(stride => stride == 1) && window.Dilations.All(dilation => dilation == 1)
        && HasFewPositions(window.Input) && HasFewPositions(window.Output);

    /// <summary>F: products of a tile.</summary>
    public static long Products(SlidingWindow window) => (long)Math.Pow(TileProducts, window.Rank);

    /// <summary>Q: tiles of an image.</summary>
    public static long Tiles(SlidingWindow window) => window.Output.Select(TilesAlong).Product();

    /// <summary>V [F, Q·N, C]</summary>
    public Value Inputs() => Spread(conv.X, conv.Inputs, Matrix(AlongInput));

    /// <summary>U [F, O, C]</summary>
    public Value Weights() => op.Reshape(
        op.Gemm(OfKernel(), op.Reshape(conv.W, conv.Outputs * conv.Inputs, Window.Taps), transB: true), Products(Window), conv.Outputs, conv.Inputs);

    /// <summary>dM [F, Q·N, O]</summary>
    public Value OutputGradients(Value dY) => Spread(dY, conv.Outputs, Matrix(AlongOutput));

    /// <summary>M [F, Q·N, O] → Y</summary>
    public Value Output(Value m) => Gather(m, conv.Outputs, Matrix(AlongOutput), Window.Output);

    /// <summary>dV [F, Q·N, C] → dX</summary>
    public Value InputGradient(Value dV) => Gather(dV, conv.Inputs, Matrix(AlongInput), Window.Input);

    /// <summary>dU [F, O, C] → dW</summary>
    public Value WeightGradient(Value dU) => op.Reshape(
        op.Gemm(op.Reshape(dU, Products(Window), conv.Outputs * conv.Inputs), OfKernel(), transA: true), conv.WeightShape);

    private static bool HasFewPositions(long[] extents) =>
        extents.Aggregate(1.0, (product, extent) => product * extent) is > 0 and <= MostPositions;

    private static long TilesAlong(long outputs) => (outputs + TileOutputs - 1) / TileOutputs;

    /// <summary>[N, C, P] → [F, Q·N, C]</summary>
    private Value Spread(Value images, long channels, Value matrix)
    {
        Value rows = op.Reshape(images, -1, matrix.Shape![1].Value);
        return op.Reshape(op.Gemm(matrix, rows, transB: true), Products(Window), -1, channels);
    }

    /// <summary>[F, Q·N, C] → [N, C, P]</summary>
    private Value Gather(Value tiles, long channels, Value matrix, long[] spatial)
    {
        Value columns = op.Reshape(tiles, matrix.Shape![0].Value, -1);
        return op.Reshape(op.Gemm(columns, matrix, transA: true), [-1, channels, .. spatial]);
    }

    private Value OfKernel() => Matrix(_ => (1, Kernel, (f, _, k) => WeightTransform[f, k]));

    private (long Tiles, long Positions, Func<int, int, int, float> Entry) AlongInput(int axis) =>
        (TilesAlong(Window.Output[axis]), Window.Input[axis], (f, q, p) => At(InputTransform, f, p + Window.PadsBegin[axis] - (TileOutputs * q)));

    private (long Tiles, long Positions, Func<int, int, int, float> Entry) AlongOutput(int axis) =>
        (TilesAlong(Window.Output[axis]), Window.Output[axis], (f, q, p) => At(OutputTransform, f, p - (TileOutputs * q)));

    private static float At(float[,] transform, int f, long position) =>
        position >= 0 && position < transform.GetLength(1) ? transform[f, position] : 0;

    /// <summary>[F·Q, P]: the product over the axes of what each has between the product f of tile q and the position p.</summary>
    private Value Matrix(Func<int, (long Tiles, long Positions, Func<int, int, int, float> Entry)> along)
    {
        IEnumerable<(int F, int Q, int P, float Entry)> entries = [(0, 0, 0, 1)];
        (int products, int tiles, int positions) = (1, 1, 1);
        for (int axis = 0; axis < Window.Rank; axis++)
        {
            (long tilesAlong, long positionsAlong, Func<int, int, int, float> entry) = along(axis);
            (int ofTiles, int ofPositions) = ((int)tilesAlong, (int)positionsAlong);
            entries = from outer in entries
                      from f in Enumerable.Range(0, TileProducts)
                      from q in Enumerable.Range(0, ofTiles)
                      from p in Enumerable.Range(0, ofPositions)
                      let inner = entry(f, q, p)
                      where inner != 0
                      select ((outer.F * TileProducts) + f, (outer.Q * ofTiles) + q, (outer.P * ofPositions) + p, outer.Entry * inner);
            (products, tiles, positions) = (products * TileProducts, tiles * ofTiles, positions * ofPositions);
        }
        var matrix = new float[products * tiles * positions];
        foreach ((int f, int q, int p, float entry) in entries) matrix[(((f * tiles) + q) * positions) + p] = entry;
        return op.Constant(Tensor.Of([products * tiles, positions], matrix));
    }
}
