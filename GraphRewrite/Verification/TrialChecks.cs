using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>What one batch shows: which numbers are as before, and whether the new gradients are the closed form.</summary>
/// <param name="trial">The batch.</param>
internal sealed class TrialChecks(Trial trial)
{
    /// <summary>
    /// The same kernels on the same numbers; only the split of a sum over threads may differ, a few float32 roundings of the largest entry.
    /// </summary>
    private const double SameTolerance = 1e-6;

    /// <summary>A float32 Gram matrix and its inverse against float64, where the system is well conditioned.</summary>
    private const double ClosedFormTolerance = 1e-4;

    /// <summary>
    /// Where it is less so, float32 itself loses more: a relative error of 2⁻²⁴ in the Gram matrix reaches the gradient times the condition κ of
    /// XᵀX/b + λI, and sums over n and b terms make it a few roundings (with n = 784 features and 6 rows 3 of them were measured).
    /// </summary>
    private const double FloatRoundings = 8.0 / (1 << 24);

    /// <summary>Above this κ the graph computes in float64, and so does what it is held against: each loses some 2⁻⁵³ κ.</summary>
    private const double LargestFloatCondition = 4096;

    /// <summary>Of κ above 2³⁸ both raise λ.</summary>
    private const double LargestCondition = 1L << 38;

    private const double DoubleRoundings = 1024.0 / (1L << 53);

    private readonly Comparison same = new(), closed = new();
    private int gradients, outputs, layers;
    private double worst = 1;

    public Trial Trial => trial;

    public void AddOutput(string name, Tensor before, Tensor after)
    {
        same.Add($"output '{name}'", before, after, SameTolerance);
        outputs++;
    }

    public void AddGradient(string parameter, Tensor before, Tensor after)
    {
        same.Add($"the gradient of '{parameter}'", before, after, SameTolerance);
        gradients++;
    }

    /// <param name="subgraph">The new gradient of a layer of BEFORE.</param>
    /// <param name="x">The layer's X.</param>
    /// <param name="dY">Its dY, as BEFORE stores it.</param>
    /// <param name="weight">The extents of its weight.</param>
    /// <param name="lambda">λ of AFTER.</param>
    /// <param name="found">The gradient that AFTER computed.</param>
    public void AddLayer(ReplacedSubgraph subgraph, Tensor x, Tensor dY, IReadOnlyList<long> weight, double lambda, Tensor found)
    {
        LayerGradient gradient = subgraph.Gradient;
        if (gradient.TransposedDY) dY = Tensor.Of([.. dY.Dims.Reverse()], Transposed(dY.ToDouble(), dY.Dims[^2], dY.Dims[^1]));
        ClosedForm.Solution solution = ClosedForm.Of(gradient.Layer, x, dY, weight, lambda);
        double tolerance = Math.Max(ClosedFormTolerance, solution.Condition <= LargestFloatCondition
            ? FloatRoundings * solution.Condition
            : DoubleRoundings * Math.Min(solution.Condition, LargestCondition));
        worst = Math.Max(worst, solution.Condition);
        bool outputFirst = gradient.Layer.Op.Type == "Conv" || !gradient.XFirst;
        string what = $"the new gradient '{subgraph.Root.Name}' of layer '{gradient.Name}'";
        closed.Add(what, solution.InLayout(outputFirst), found, tolerance);
        layers++;
    }

    public IEnumerable<VerificationCheck> Checks() =>
    [
        same.Check($"{trial}: {gradients} other gradients and {outputs} other outputs are the same numbers"),
        closed.Check(
            $"{trial}: {layers} new gradients equal dYᵀX (XᵀX/b + λI)⁻¹ in float64",
            FormattableString.Invariant($", κ up to {worst:G2}")),
    ];

    private static double[] Transposed(double[] matrix, long rows, long columns) =>
        [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[(i % rows * columns) + (i / rows)])];
}
