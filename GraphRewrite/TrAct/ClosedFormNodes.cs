using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.Randomness;

namespace GraphRewrite.TrAct;

/// <summary>
/// The closed form in nodes, X with α in it:
/// <code>dW' = dW (XᵀX/b + λI)⁻¹ = dYᵀ (XXᵀ/b + λI)⁻¹ X</code>
/// A solve multiplies rounding errors by the condition κ = 1 + ‖XᵀX/b‖/λ at most (Frobenius norm; XXᵀ has the same). Float32 is taken where that
/// does not matter; elsewhere all is made anew from X and dY in float64, dYᵀX too. Which it is, each step finds from its own batch.
/// docs/numbers.md derives and measures the bounds.
/// </summary>
/// <param name="layer">The layer.</param>
/// <param name="lambda">λ, a float32 scalar.</param>
internal sealed class ClosedFormNodes(LayerRows layer, Value lambda)
{
    /// <summary>Up to this κ float32 is good enough without a further look.</summary>
    public const double FloatCondition = 64;

    /// <summary>Above this κ float32 is not tried: the solve itself is right to 8 · 2⁻²⁴ κ = 2e-3 there.</summary>
    public const double LargestFloatCondition = 4096;

    /// <summary>
    /// Between the two: how large the rounding of dYᵀX may be in dW', as a share of dW'. Before the solve it is 2⁻²⁴ ‖dYᵢ‖ ‖Xⱼ‖ in entry (i, j) at most;
    /// the solve divides by λ what X does not span.
    /// </summary>
    public const double FloatShare = 1.0 / (1 << 13);

    /// <summary>
    /// Of ‖XᵀX/b‖, what λ is raised to where it is less: below it λI would drown in float64's rounding of XᵀX/b, and what X does not span would be
    /// noise. Directions that X spans well do not feel it.
    /// </summary>
    public const double SmallestLambda = 1.0 / (1L << 38);

    /// <summary>
    /// The rows of random signs that are solved along with dW: what the solve makes of them is what it makes of rounding. With eight, the estimate of a
    /// single large direction is too small by a factor of 3 once in a thousand directions.
    /// </summary>
    private const int Probes = 8;

    private readonly LayerRows wide = layer with { Precision = ElementType.Double };

    /// <summary>The gradient in the layout and type of dW.</summary>
    /// <param name="op">Where.</param>
    /// <param name="dW">dYᵀX as the graph makes it.</param>
    public Value Emit(OpBuilder op, Value dW) => layer.IsDual ? Dual(op) : Primal(op, dW);

    /// <summary>dW (XᵀX/b + λI)⁻¹.</summary>
    private Value Primal(OpBuilder op, Value dW)
    {
        Value x = layer.X(op);
        Value[] gram = op.Ops("tract::PatchGram", [x], 2, layer.Geometry.Attributes()); // XᵀX [g, n, n], b
        Value mean = Mean(op, gram[0], gram[1]);
        Value ridge = Ridge(op, layer, mean), matrix = layer.ToMatrix(op, dW);
        if (layer.Precision == ElementType.Double) return layer.ToWeight(op, Solved(matrix));
        int rows = layer.OutputFirst ? -2 : -1;
        Value[] solved = op.Split(Solved(op.Concat(rows, matrix, Roundings(op, mean))), rows, layer.OutputFeatures / layer.Groups, Probes);
        return Checked(op, solved[0], mean, Spread, InDouble);

        Value Solved(Value b) => op.Op("tract::SolveSpd", [b, mean, ridge], ("left", !layer.OutputFirst));

        // ‖X‖ (XᵀX/b + λI)⁻¹, by the probes
        Value Spread(OpBuilder op) =>
            Norm(op, op.Here(solved[1])) * op.Sqrt(op.Here(gram[1]) * op.ScalarLike(mean, 1.0 / Probes));

        Value InDouble(OpBuilder op)
        {
            Value dY = layer.Geometry.IsConv ? op.Here(layer.Gradient.DY) : wide.DYRows(op);
            (string, object)[] attributes = [.. layer.Geometry.Attributes(), ("outputs", layer.OutputFeatures)];
            Value[] products = op.Ops("tract::PatchProducts", [op.Here(x), dY], 3, attributes); // XᵀX, dYᵀX, b
            Value mean = Mean(op, products[0], products[2]);
            Value solved = Scaled(op, op.Op("tract::SolveSpd", [products[1], mean, Ridge(op, wide, mean)], ("left", false))); // [m, n]
            return layer.OutputFirst ? solved : op.Transpose(solved, 1, 0);
        }
    }

    /// <summary>dYᵀ (XXᵀ/b + λI)⁻¹ X.</summary>
    private Value Dual(OpBuilder op)
    {
        Value[] patches = op.Ops("tract::PatchRows", [layer.X(op)], 2, layer.Geometry.Attributes()); // X [g, b, n], b
        Value mean = Mean(op, op.Product(patches[0], patches[0], transB: true), patches[1]);
        Value solved = Solved(op, layer, patches[0], mean);
        return layer.Precision == ElementType.Double ? layer.ToWeight(op, solved) : Checked(op, solved, mean, Spread, InDouble);

        Value Spread(OpBuilder op) => Scaled(op, Norm(op, op.Here(patches[0]))) / op.Here(lambda); // ‖X‖/λ

        Value InDouble(OpBuilder op)
        {
            Value rows = op.Cast(op.Here(patches[0]), ElementType.Double), b = op.Cast(op.Here(patches[1]), ElementType.Double);
            return Solved(op, wide, rows, Mean(op, op.Product(rows, rows, transB: true), b));
        }

        Value Solved(OpBuilder op, LayerRows layer, Value rows, Value mean)
        {
            Value solved = op.Op("tract::SolveSpd", [layer.DYRows(op), mean, Ridge(op, layer, mean)], ("left", true));
            return Scaled(op, layer.OutputFirst ? op.Product(solved, rows, transA: true) : op.Product(rows, solved, transA: true));
        }
    }

    /// <summary>
    /// Rows (or columns, as in dW) of signs, entry j as large as √(XᵀX/b)ⱼⱼ: what rounding leaves in a row of dYᵀX, up to its size. A stack of them with
    /// groups.
    /// </summary>
    private Value Roundings(OpBuilder op, Value mean)
    {
        long n = layer.Geometry.Features;
        Pcg32 random = Pcg32.For(seed: 0, purpose: 0, index: n);
        float[] signs = new float[Probes * n];
        for (int i = 0; i < signs.Length; i++) signs[i] = random.Next(2) == 0 ? 1 : -1;
        Value flat = op.Reshape(mean, [.. layer.Groups == 1 ? [] : (long[])[0], n * n]);
        Value diagonal = op.Gather(flat, op.Constant(Tensor.Vector([.. Enumerable.Range(0, (int)n).Select(i => i * (n + 1))])), -1);
        Value scales = op.Sqrt(op.Unsqueeze(diagonal, layer.OutputFirst ? -2 : -1));
        return scales * op.Constant(Tensor.Of(layer.OutputFirst ? [Probes, n] : [n, Probes], signs));
    }

    /// <summary>The gradient that was made in float32, or where that is not good enough another one.</summary>
    private Value Checked(OpBuilder op, Value solved, Value mean, Func<OpBuilder, Value> spread, Func<OpBuilder, Value> inDouble)
    {
        Value norm = Norm(op, mean);
        op.Graph.Rename(norm, op.Graph.FreeName(TrActNames.Norm));
        Value isSafe = Within(op, norm, FloatCondition - 1);
        Value isEnough = op.If(isSafe, then => then.Identity(then.Here(isSafe)), IsSmallShare);
        return op.If(isEnough, then => layer.ToWeight(then, then.Identity(then.Here(solved))), other => wide.ToWeight(other, inDouble(other)));

        // 2⁻²⁴ ‖dY‖ · spread ≤ FloatShare ‖dW'‖
        Value IsSmallShare(OpBuilder op)
        {
            Value noise = Norm(op, layer.Widened(op, layer.Gradient.DY)) * spread(op), result = Norm(op, op.Here(solved));
            Value isSmall = op.Op("LessOrEqual", [noise, result * op.ScalarLike(result, FloatShare * (1 << 24))]);
            return op.Op("And", [Within(op, op.Here(norm), LargestFloatCondition - 1), isSmall]);
        }
    }

    /// <summary>Frobenius norm; of a stack, of all of it.</summary>
    private static Value Norm(OpBuilder op, Value x) => op.Op("ReduceL2", [x], ("keepdims", 0L));

    /// <summary>‖XᵀX/b‖ ≤ limit · λ; not so where float32 overflows.</summary>
    private Value Within(OpBuilder op, Value norm, double limit) =>
        op.Op("LessOrEqual", [norm, op.Here(lambda) * op.ScalarLike(norm, limit)]);

    /// <summary>α²G/b of a Gram matrix, a matrix a group.</summary>
    private Value Mean(OpBuilder op, Value gram, Value b) =>
        layer.Alpha == 1 ? gram / b : gram * (op.ScalarLike(b, layer.Alpha * layer.Alpha) / b);

    /// <summary>λ; in float64 raised to what float64 can tell from 0 beside G/b.</summary>
    private Value Ridge(OpBuilder op, LayerRows layer, Value mean)
    {
        if (layer.Precision != ElementType.Double) return op.Here(lambda);
        Value norm = op.Sqrt(op.Op("ReduceSumSquare", [mean], ("keepdims", 0L)));
        return op.Op("Max", [op.Cast(op.Here(lambda), ElementType.Double), norm * op.ScalarLike(norm, SmallestLambda)]);
    }

    /// <summary>α dW where dW was made without α.</summary>
    private Value Scaled(OpBuilder op, Value dW) => layer.Alpha == 1 ? dW : dW * op.ScalarLike(dW, layer.Alpha);
}
