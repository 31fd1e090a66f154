namespace TrActOnnx.Tests.TrAct;

/// <summary>
/// dYᵀX (XᵀX/b + λI)⁻¹ in some 31 digits, by Cholesky of the smaller of the two systems: a truth for conditions that float64 itself is not good
/// enough for.
/// </summary>
internal static class ExactClosedForm
{
    /// <param name="x">[b, n], row-major.</param>
    /// <param name="dY">[b, m].</param>
    /// <param name="b">Rows.</param>
    /// <param name="lambda">λ.</param>
    /// <returns>[m, n].</returns>
    public static double[] Of(double[] x, double[] dY, int b, double lambda)
    {
        int n = x.Length / b, m = dY.Length / b;
        DoubleDouble ridge = (DoubleDouble)lambda * b; // dYᵀX (XᵀX + λb I)⁻¹ b
        if (n <= b)
        {
            DoubleDouble[,] factor = Cholesky(Products(x, n, x, n, b), ridge);
            DoubleDouble[,] right = Products(dY, m, x, n, b);
            Solve(factor, right);
            return Flat(right, b);
        }
        double[] xt = Transposed(x, b, n), dYt = Transposed(dY, b, m);
        DoubleDouble[,] dual = Cholesky(Products(xt, b, xt, b, n), ridge), z = new DoubleDouble[m, b];
        for (int i = 0; i < m; i++) for (int r = 0; r < b; r++) z[i, r] = dYt[(i * b) + r];
        Solve(dual, z);
        var result = new DoubleDouble[m, n];
        Parallel.For(0, m, i =>
        {
            for (int r = 0; r < b; r++) for (int j = 0; j < n; j++) result[i, j] += z[i, r] * x[(r * n) + j];
        });
        return Flat(result, b);
    }

    /// <summary>AᵀB of [rows, p] and [rows, q].</summary>
    private static DoubleDouble[,] Products(double[] a, int p, double[] b, int q, int rows)
    {
        var sums = new DoubleDouble[p, q];
        Parallel.For(0, p, i =>
        {
            for (int r = 0; r < rows; r++) for (int j = 0; j < q; j++) sums[i, j] += (DoubleDouble)a[(r * p) + i] * b[(r * q) + j];
        });
        return sums;
    }

    /// <summary>L of LLᵀ = A + ridge I, in the lower half.</summary>
    private static DoubleDouble[,] Cholesky(DoubleDouble[,] a, DoubleDouble ridge)
    {
        int n = a.GetLength(0);
        for (int j = 0; j < n; j++)
        {
            DoubleDouble pivot = a[j, j] + ridge;
            for (int k = 0; k < j; k++) pivot -= a[j, k] * a[j, k];
            a[j, j] = pivot = DoubleDouble.Sqrt(pivot);
            int column = j;
            Parallel.For(j + 1, n, i =>
            {
                DoubleDouble sum = a[i, column];
                for (int k = 0; k < column; k++) sum -= a[i, k] * a[column, k];
                a[i, column] = sum / pivot;
            });
        }
        return a;
    }

    /// <summary>Each row of B becomes the solution of A x = row.</summary>
    private static void Solve(DoubleDouble[,] l, DoubleDouble[,] b) => Parallel.For(0, b.GetLength(0), i =>
    {
        int n = l.GetLength(0);
        for (int j = 0; j < n; j++)
        {
            for (int k = 0; k < j; k++) b[i, j] -= l[j, k] * b[i, k];
            b[i, j] /= l[j, j];
        }
        for (int j = n - 1; j >= 0; j--)
        {
            for (int k = j + 1; k < n; k++) b[i, j] -= l[k, j] * b[i, k];
            b[i, j] /= l[j, j];
        }
    });

    private static double[] Flat(DoubleDouble[,] matrix, int b) => [.. matrix.Cast<DoubleDouble>().Select(value => (double)(value * b))];

    private static double[] Transposed(double[] matrix, int rows, int columns) =>
        [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[(i % rows * columns) + (i / rows)])];
}
