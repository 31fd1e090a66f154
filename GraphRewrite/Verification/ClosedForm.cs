using GraphRewrite.IR;
using MathNet.Numerics.LinearAlgebra;

namespace GraphRewrite.Verification;

/// <summary>
/// TrAct's gradient in float64, outside any graph: dW' = α dYᵀX (α²XᵀX/b + λI)⁻¹. What rewritten graphs are held against.
/// It shares no code with the rewrite, not even the arithmetic of windows.
/// </summary>
internal static class ClosedForm
{
    /// <summary>Rows summed at once, so that the patches of a large batch need not fit into memory together.</summary>
    private const int Block = 2048;

    private const double SmallestLambda = 1.0 / (1L << 38);

    /// <summary>The weight gradient of a Conv, Gemm or MatMul node, in the layout in which the weight enters it.</summary>
    /// <param name="layer">The node Y = layer(X, W).</param>
    /// <param name="x">Its first input.</param>
    /// <param name="dY">The gradient of its output.</param>
    /// <param name="weight">The extents of W.</param>
    /// <param name="lambda">λ.</param>
    public static double[] WeightGradient(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda) =>
        [.. Of(layer, x, dY, weight, lambda).InLayout(IsOutputFirst(layer)).SelectMany(row => row)];

    /// <summary>Whether the weight enters a layer as [m, n, …] rather than as [n, m].</summary>
    public static bool IsOutputFirst(Node layer) => layer.Op.Type == "Conv" || layer.Int("transB", 0) != 0;

    /// <summary>The closed form of a layer; its parameters are those of <see cref="WeightGradient"/>.</summary>
    public static Solution Of(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda) =>
        layer.Op.Type == "Conv" ? Conv(layer, x, dY, weight, lambda) : Linear(layer, x, dY, weight, lambda);

    /// <summary>A gradient [m, n] (of groups one below the other), computed row by row or column by column: a large one is never whole.</summary>
    /// <param name="Rows">Its m rows.</param>
    /// <param name="Columns">Its n columns.</param>
    /// <param name="Condition">
    /// How strongly the solve amplifies rounding: κ = 1 + ‖XᵀX/b‖/λ (Frobenius), an upper bound on the condition of XᵀX/b + λI; of groups the worst.
    /// Where λ is below 2⁻³⁸ ‖XᵀX/b‖, what float64 can tell from 0 beside it, it is taken for that.
    /// </param>
    internal sealed record Solution(IEnumerable<double[]> Rows, IEnumerable<double[]> Columns, double Condition)
    {
        /// <summary>The gradient as [m, n], or else as [n, m].</summary>
        public IEnumerable<double[]> InLayout(bool outputFirst) => outputFirst ? Rows : Columns;
    }

    private static Solution Linear(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda)
    {
        bool outputFirst = IsOutputFirst(layer);
        bool transposed = layer.Int("transA", 0) != 0;
        double alpha = layer.Float("alpha", 1);
        (int m, int n) = ((int)weight[outputFirst ? 0 : 1], (int)weight[outputFirst ? 1 : 0]);
        (double[] inputs, double[] gradients) = (x.ToDouble(), dY.ToDouble());
        int b = inputs.Length / n;
        double X(int row, int j) => alpha * inputs[transposed ? (j * b) + row : (row * n) + j];
        return Solve((b, m, n), X, (row, i) => gradients[(row * m) + i], lambda);
    }

    private static Solution Conv(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda)
    {
        (double[] inputs, double[] gradients) = (x.ToDouble(), dY.ToDouble());
        long[] kernel = [.. weight.Skip(2)], input = [.. x.Dims.Skip(2)], output = [.. dY.Dims.Skip(2)];
        int[] taps = new ConvWindows(layer, kernel, input, output).Offsets();  // [O, K]
        int positions = (int)output.Product(), plane = (int)input.Product(), k = (int)kernel.Product();
        int groups = (int)layer.Int("group", 1), channels = (int)weight[1], n = channels * k;
        int outputs = (int)weight[0], m = outputs / groups;
        Solution[] solved = [.. Enumerable.Range(0, groups).Select(OfGroup)];
        return new(solved.SelectMany(group => group.Rows), solved.SelectMany(group => group.Columns), solved.Max(group => group.Condition));

        Solution OfGroup(int group)
        {
            return Solve(((int)x.Dims[0] * positions, m, n), X, DY, lambda);

            double X(int row, int j)
            {
                int at = taps[(row % positions * k) + (j % k)];
                return at < 0 ? 0 : inputs[(((row / positions * (int)x.Dims[1]) + (group * channels) + (j / k)) * plane) + at];
            }

            double DY(int row, int i) => gradients[(((row / positions * outputs) + (group * m) + i) * positions) + (row % positions)];
        }
    }

    /// <summary>dYᵀX (XᵀX/b + λI)⁻¹ of X [b, n] and dY [b, m]: over the rows or over the columns, whichever are fewer.</summary>
    private static Solution Solve((int B, int M, int N) sizes, Func<int, int, double> x, Func<int, int, double> dY, double lambda) =>
        sizes.B < sizes.N ? OverRows(sizes, x, dY, lambda) : OverColumns(sizes, x, dY, lambda);

    /// <summary>dYᵀX A⁻¹ = (A⁻¹ XᵀdY)ᵀ, A = XᵀX/b + λI symmetric positive definite; XᵀX and dYᵀX gathered block by block.</summary>
    private static Solution OverColumns((int B, int M, int N) sizes, Func<int, int, double> x, Func<int, int, double> dY, double lambda)
    {
        Matrix<double> gram = Matrix<double>.Build.Dense(sizes.N, sizes.N), gradient = Matrix<double>.Build.Dense(sizes.M, sizes.N);
        for (int from = 0; from < sizes.B; from += Block)
        {
            int first = from, count = Math.Min(Block, sizes.B - from);
            Matrix<double> block = Matrix<double>.Build.Dense(count, sizes.N, (row, j) => x(first + row, j));
            gram.Add(block.TransposeThisAndMultiply(block), gram);
            gradient.Add(Matrix<double>.Build.Dense(count, sizes.M, (row, i) => dY(first + row, i)).TransposeThisAndMultiply(block), gradient);
        }
        (Matrix<double> a, double condition) = Regularized(gram / sizes.B, lambda);
        Matrix<double> solved = a.Cholesky().Solve(gradient.Transpose());  // [n, m]
        return new(
            Enumerable.Range(0, sizes.M).Select(i => solved.Column(i).ToArray()),
            Enumerable.Range(0, sizes.N).Select(j => solved.Row(j).ToArray()),
            condition);
    }

    /// <summary>dYᵀX (XᵀX/b + λI)⁻¹ = dYᵀ A⁻¹ X, A = XXᵀ/b + λI: XᵀX and XXᵀ have the same norm.</summary>
    private static Solution OverRows((int B, int M, int N) sizes, Func<int, int, double> x, Func<int, int, double> dY, double lambda)
    {
        Matrix<double> rows = Matrix<double>.Build.Dense(sizes.B, sizes.N, x), gradients = Matrix<double>.Build.Dense(sizes.B, sizes.M, dY);
        (Matrix<double> a, double condition) = Regularized(rows.TransposeAndMultiply(rows) / sizes.B, lambda);
        Matrix<double> solved = a.Cholesky().Solve(rows);  // [b, n]
        return new(
            Enumerable.Range(0, sizes.M).Select(i => solved.LeftMultiply(gradients.Column(i)).ToArray()),
            Enumerable.Range(0, sizes.N).Select(j => gradients.LeftMultiply(solved.Column(j)).ToArray()),
            condition);
    }

    private static (Matrix<double> A, double Condition) Regularized(Matrix<double> mean, double lambda)
    {
        double norm = mean.FrobeniusNorm(), ridge = Math.Max(lambda, norm * SmallestLambda);
        return (mean + (Matrix<double>.Build.DenseIdentity(mean.RowCount) * ridge), 1 + (norm / lambda));
    }
}
