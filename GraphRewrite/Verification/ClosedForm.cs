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
        Conditioned(layer, x, dY, weight, lambda).Gradient;

    /// <summary>
    /// The weight gradient, and how strongly the solve amplifies rounding: κ = 1 + ‖XᵀX/b‖/λ (Frobenius), an upper bound on the condition of
    /// XᵀX/b + λI; of groups the worst. Where λ is below 2⁻³⁸ ‖XᵀX/b‖, what float64 can tell from 0 beside it, it is taken for that.
    /// </summary>
    internal static (double[] Gradient, double Condition) Conditioned(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda) =>
        layer.Op.Type == "Conv"
        ? Conv(layer, x, dY, weight, lambda)
        : Linear(layer, x, dY, weight, lambda);

    private static (double[] Gradient, double Condition) Linear(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda)
    {
        bool outputFirst = layer.Int("transB", 0) != 0;
        bool transposed = layer.Int("transA", 0) != 0;
        double alpha = layer.Float("alpha", 1);
        (int m, int n) = ((int)weight[outputFirst ? 0 : 1], (int)weight[outputFirst ? 1 : 0]);
        (double[] inputs, double[] gradients) = (x.ToDouble(), dY.ToDouble());
        int b = inputs.Length / n;
        var sums = new Sums(m, n);
        sums.AddRows(b, (row, j) => alpha * inputs[transposed ? (j * b) + row : (row * n) + j], (row, i) => gradients[(row * m) + i]);
        Matrix<double> dW = sums.Solve(lambda);
        return ((outputFirst ? dW : dW.Transpose()).ToRowMajorArray(), sums.Condition(lambda));
    }

    private static (double[] Gradient, double Condition) Conv(Node layer, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda)
    {
        (double[] inputs, double[] gradients) = (x.ToDouble(), dY.ToDouble());
        long[] kernel = [.. weight.Skip(2)], input = [.. x.Dims.Skip(2)], output = [.. dY.Dims.Skip(2)];
        int[] taps = new ConvWindows(layer, kernel, input, output).Offsets();  // [O, K]
        int positions = Product(output), plane = Product(input), k = Product(kernel);
        int groups = (int)layer.Int("group", 1), channels = (int)weight[1], n = channels * k;
        int outputs = (int)weight[0], m = outputs / groups;
        var dW = new List<double>();
        double condition = 1;
        for (int group = 0; group < groups; group++)
        {
            int g = group;
            var sums = new Sums(m, n);
            sums.AddRows((int)x.Dims[0] * positions, X, DY);
            dW.AddRange(sums.Solve(lambda).ToRowMajorArray());
            condition = Math.Max(condition, sums.Condition(lambda));

            double X(int row, int j)
            {
                int at = taps[(row % positions * k) + (j % k)];
                return at < 0 ? 0 : inputs[(((row / positions * (int)x.Dims[1]) + (g * channels) + (j / k)) * plane) + at];
            }

            double DY(int row, int i) => gradients[(((row / positions * outputs) + (g * m) + i) * positions) + (row % positions)];
        }
        return ([.. dW], condition);
    }

    private static int Product(long[] extents) => (int)extents.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>XᵀX, dYᵀX and b, gathered block by block.</summary>
    private sealed class Sums(int m, int n)
    {
        private readonly Matrix<double> gram = Matrix<double>.Build.Dense(n, n);
        private readonly Matrix<double> gradient = Matrix<double>.Build.Dense(m, n);
        private long b;

        public void AddRows(int rows, Func<int, int, double> x, Func<int, int, double> dY)
        {
            for (int from = 0; from < rows; from += Block)
            {
                int first = from;
                int count = Math.Min(Block, rows - from);
                Matrix<double> block = Matrix<double>.Build.Dense(count, n, (row, j) => x(first + row, j));
                gram.Add(block.TransposeThisAndMultiply(block), gram);
                gradient.Add(Matrix<double>.Build.Dense(count, m, (row, i) => dY(first + row, i)).TransposeThisAndMultiply(block), gradient);
            }
            b += rows;
        }

        public double Condition(double lambda) => 1 + (gram.FrobeniusNorm() / b / lambda);

        /// <summary>dYᵀX A⁻¹ = (A⁻¹ XᵀdY)ᵀ, A = XᵀX/b + λI symmetric positive definite.</summary>
        public Matrix<double> Solve(double lambda)
        {
            Matrix<double> mean = gram / b;
            double ridge = Math.Max(lambda, mean.FrobeniusNorm() * SmallestLambda);
            Matrix<double> a = mean + (Matrix<double>.Build.DenseIdentity(n) * ridge);
            return a.Cholesky().Solve(gradient.Transpose()).Transpose();
        }
    }
}
