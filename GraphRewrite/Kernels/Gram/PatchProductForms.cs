using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;
using GraphRewrite.Kernels.Conv;

namespace GraphRewrite.Kernels.Gram;

/// <summary>
/// The ways to compute tract::PatchProducts, best first: X, dY → XᵀX, dYᵀX and b in float64. Patches are cut in X's own type, which loses nothing.
/// </summary>
internal static class PatchProductForms
{
    public static IReadOnlyList<IFormulation<ProductsProblem>> Formulations { get; } = [new ColumnProducts(), new RowProducts()];

    /// <summary>Columns of taps, some rows of the output at a time, so that they never fill the memory. Needs known spatial extents.</summary>
    private sealed class ColumnProducts : IFormulation<ProductsProblem>
    {
        public string Name => "columns";

        public bool Fits(ProductsProblem problem, LoweringTarget target) =>
            !target.IncludesTrainingRuntime && problem.Rows is var (x, patches)
            && TapColumns.Fit(problem.Rows.Window, patches.Groups * patches.Channels, Convolution.BatchOf(x));

        public IReadOnlyList<Value> Emit(OpBuilder op, ProductsProblem problem, LoweringTarget target)
        {
            (Value x, PatchGeometry patches) = problem.Rows;
            SlidingWindow window = problem.Rows.Window!;
            (long groups, long channels, long n) = (patches.Groups, patches.Channels, patches.Features);
            long outputs = problem.Outputs / groups;
            var columns = new TapColumns(op, x, window, groups * channels, groups, hasPieces: false);
            (List<Value> grams, List<Value> gradients) = ([], []);
            foreach (long row in columns.Parts)
            {
                Value part = op.Cast(columns.Stacked(row), ElementType.Double);
                grams.Add(op.Product(part, part, transB: true));
                gradients.Add(op.Product(op.Cast(columns.Outputs(problem.DY, problem.Outputs, row), ElementType.Double), part, transB: true));
            }
            Value gram = op.Transpose(op.Reshape(op.Sum(grams), [-1, .. columns.Features, .. columns.Features]), 0, 2, 3, 1, 5, 6, 4);
            Value dW = op.Transpose(op.Reshape(op.Sum(gradients), [-1, outputs, .. columns.Features]), 0, 1, 3, 4, 2);
            long[] stack = groups == 1 ? [] : [groups];
            Value images = op.Extent(x, 0);
            Value b = images * op.Constant(Tensor.Scalar(window.Output.Product()));
            return [op.Reshape(gram, [.. stack, n, n]), op.Reshape(dW, [.. stack, outputs, n]), op.Cast(b, ElementType.Double)];
        }
    }

    /// <summary>All rows at once, and two products.</summary>
    private sealed class RowProducts : IFormulation<ProductsProblem>
    {
        public string Name => "rows";

        public bool Fits(ProductsProblem problem, LoweringTarget target) => true;

        public IReadOnlyList<Value> Emit(OpBuilder op, ProductsProblem problem, LoweringTarget target)
        {
            IReadOnlyList<Value> rows = PatchRows.Emit(op, problem.Rows, problem.Planes);
            Value x = op.Cast(rows[0], ElementType.Double);              // [b, n] or [g, b, n]
            Value dY = op.Cast(DYRows(op, problem), ElementType.Double); // [b, m] or [g, b, m/g]
            Value b = op.Cast(rows[1], ElementType.Double);
            return [op.Product(x, x, transA: true), op.Product(dY, x, transA: true), b];
        }

        private static Value DYRows(OpBuilder op, ProductsProblem problem)
        {
            PatchGeometry patches = problem.Rows.Patches;
            if (!patches.IsConv) return problem.DY;
            Value planes = op.Reshape(problem.DY, 0, patches.Groups, problem.Outputs / patches.Groups, -1); // [N, g, m/g, O]
            Value grouped = op.Transpose(planes, 1, 0, 3, 2);                                               // [g, N, O, m/g]
            return patches.Groups == 1
                ? op.Reshape(grouped, -1, problem.Outputs)
                : op.Reshape(grouped, patches.Groups, -1, problem.Outputs / patches.Groups);
        }
    }
}
