using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.Gram;

/// <summary>The ways to compute tract::PatchGram, best first: X → XᵀX [n, n] or [g, n, n], and b as a scalar of X's type.</summary>
internal static class PatchGramForms
{
    /// <summary>The formulation that stacks the taps, as dW's "stacked" does.</summary>
    public const string Columns = "columns";

    public static IReadOnlyList<IFormulation<GramProblem>> Formulations { get; } =
        [new LinearGram(), new TiledGram(), new ColumnGram(), new PatchMatrixGram()];

    /// <summary>Linear layers: the rows are there; one Gemm.</summary>
    private sealed class LinearGram : IFormulation<GramProblem>
    {
        public string Name => "rows";

        public bool Fits(GramProblem problem, LoweringTarget target) => !problem.Patches.IsConv;

        public IReadOnlyList<Value> Emit(OpBuilder op, GramProblem problem, LoweringTarget target)
        {
            (Value x, PatchGeometry patches) = problem.Rows;
            Value rows = x.Shape?.Rank == 2 ? x : op.Reshape(x, -1, patches.Features);
            Value gram = patches.TransposedX ? op.Gemm(rows, rows, transB: true) : OfRows(op, rows, patches.Features);
            return [gram, PatchRows.Count(op, x, x.Type, patches.Features)];
        }
    }

    /// <summary>The rows that a tiled convolution and its weight gradient take ("tiles"); one product.</summary>
    private sealed class TiledGram : IFormulation<GramProblem>
    {
        public string Name => "tiles";

        public bool Fits(GramProblem problem, LoweringTarget target) =>
            !target.IncludesTrainingRuntime && problem.Patches.Groups == 1 && problem.Window is { } window && Tiles.Fit(window);

        public IReadOnlyList<Value> Emit(OpBuilder op, GramProblem problem, LoweringTarget target)
        {
            Value rows = Tiles.Rows(op, problem.X, problem.Window!);
            long n = problem.Patches.Features;
            return [OfRows(op, rows, n), PatchRows.Count(op, rows, problem.X.Type, n)];
        }
    }

    /// <summary>
    /// The columns that the weight gradient also takes ("stacked"), some rows of the output at a time so that they never fill the memory; a product
    /// with themselves for each part. Their features are put in W's order, channel by channel, at the end. Needs known spatial extents.
    /// </summary>
    private sealed class ColumnGram : IFormulation<GramProblem>
    {
        public string Name => Columns;

        public bool Fits(GramProblem problem, LoweringTarget target) => !target.IncludesTrainingRuntime
            && TapColumns.Fit(problem.Window, problem.Patches.Groups * problem.Patches.Channels, Convolution.BatchOf(problem.X));

        public IReadOnlyList<Value> Emit(OpBuilder op, GramProblem problem, LoweringTarget target)
        {
            (Value x, PatchGeometry patches) = problem.Rows;
            SlidingWindow window = problem.Window!;
            (long groups, long channels, long n) = (patches.Groups, patches.Channels, patches.Features);
            var columns = new TapColumns(op, x, window, groups * channels, groups, TapColumns.ComeInPieces(x, target));
            Value gram = op.Sum([.. columns.Parts.Select(row => columns.Stacked(row)).Select(part => columns.Product(part, part, transB: true))]);
            gram = op.Transpose(op.Reshape(gram, [-1, .. columns.Features, .. columns.Features]), 0, 2, 3, 1, 5, 6, 4);
            gram = groups == 1 ? op.Reshape(gram, n, n) : op.Reshape(gram, groups, n, n);
            Value positions = op.Constant(Tensor.Scalar(window.Output.Product()));
            Value images = op.Extent(x, 0);
            return [gram, op.Op("Cast", [images * positions], ("to", x.Type))];
        }
    }

    /// <summary>Makes the matrix of all patches, then one product a group.</summary>
    private sealed class PatchMatrixGram : IFormulation<GramProblem>
    {
        public string Name => "patches";

        public bool Fits(GramProblem problem, LoweringTarget target) => problem.Patches.IsConv;

        public IReadOnlyList<Value> Emit(OpBuilder op, GramProblem problem, LoweringTarget target)
        {
            (Value x, PatchGeometry patches) = problem.Rows;
            Value planes = problem.Planes(op);                // [N, g, n, O]
            Value grouped = op.Transpose(planes, 1, 2, 0, 3); // [g, n, N, O]: whole planes are moved
            Value b = PatchRows.Count(op, planes, x.Type, patches.Groups * patches.Features);
            if (patches.Groups == 1)
            {
                Value columns = op.Reshape(grouped, patches.Features, -1);
                return [op.Gemm(columns, columns, transB: true), b];
            }
            Value stacked = op.Reshape(grouped, patches.Groups, patches.Features, -1);
            return [op.MatMul(stacked, op.Transpose(stacked, 0, 2, 1)), b];
        }
    }

    /// <summary>The features from which on a product of rows with themselves is made in parts.</summary>
    private const long HalvedFeatures = 384;

    /// <summary>
    /// XᵀX of rows X [b, n]. It is symmetric: of a large one, the two halves of the diagonal and one beside it, three quarters of the work.
    /// </summary>
    private static Value OfRows(OpBuilder op, Value x, long n)
    {
        if (n < HalvedFeatures) return op.Gemm(x, x, transA: true);
        Value[] halves = op.Split(x, 1, n / 2, n - (n / 2));
        Value beside = op.Gemm(halves[0], halves[1], transA: true);
        return op.Concat(0,
            op.Concat(1, op.Gemm(halves[0], halves[0], transA: true), beside),
            op.Concat(1, op.Transpose(beside, 1, 0), op.Gemm(halves[1], halves[1], transA: true)));
    }
}
