using GraphRewrite.IR;
using GraphRewrite.IR.Building;

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
    /// Between the two: how large the rounding of dYᵀX may be in dW', as a share of dW'. It is at most 2⁻²⁴ ‖X‖ ‖dY‖ before the solve, which divides
    /// by λ what X does not span.
    /// </summary>
    public const double FloatShare = 1.0 / (1 << 13);

    /// <summary>
    /// Of ‖XᵀX/b‖, what λ is raised to where it is less: below it λI would drown in float64's rounding of XᵀX/b, and what X does not span would be
    /// noise. Directions that X spans well do not feel it.
    /// </summary>
    public const double SmallestLambda = 1.0 / (1L << 38);

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
        Value solved = op.Op("tract::SolveSpd", [layer.ToMatrix(op, dW), Regularized(op, layer, mean)], ("left", !layer.OutputFirst));
        return Checked(op, solved, mean, gram[1], InDouble);

        Value InDouble(OpBuilder op)
        {
            Value dY = layer.Geometry.IsConv ? op.Here(layer.Gradient.DY) : wide.DYRows(op);
            (string, object)[] attributes = [.. layer.Geometry.Attributes(), ("outputs", layer.OutputFeatures)];
            Value[] products = op.Ops("tract::PatchProducts", [op.Here(x), dY], 3, attributes); // XᵀX, dYᵀX, b
            Value a = Regularized(op, wide, Mean(op, products[0], products[2]));
            Value solved = Scaled(op, op.Op("tract::SolveSpd", [products[1], a], ("left", false))); // [m, n]
            return layer.OutputFirst ? solved : op.Transpose(solved, 1, 0);
        }
    }

    /// <summary>dYᵀ (XXᵀ/b + λI)⁻¹ X.</summary>
    private Value Dual(OpBuilder op)
    {
        Value[] patches = op.Ops("tract::PatchRows", [layer.X(op)], 2, layer.Geometry.Attributes()); // X [g, b, n], b
        Value mean = Mean(op, op.Product(patches[0], patches[0], transB: true), patches[1]);
        return Checked(op, Solved(op, layer, patches[0], mean), mean, patches[1], InDouble);

        Value InDouble(OpBuilder op)
        {
            Value rows = op.Cast(op.Here(patches[0]), ElementType.Double), b = op.Cast(op.Here(patches[1]), ElementType.Double);
            return Solved(op, wide, rows, Mean(op, op.Product(rows, rows, transB: true), b));
        }

        Value Solved(OpBuilder op, LayerRows layer, Value rows, Value mean)
        {
            Value solved = op.Op("tract::SolveSpd", [layer.DYRows(op), Regularized(op, layer, mean)], ("left", true));
            return Scaled(op, layer.OutputFirst ? op.Product(solved, rows, transA: true) : op.Product(rows, solved, transA: true));
        }
    }

    /// <summary>The gradient that was made in float32, or where that is not good enough another one.</summary>
    private Value Checked(OpBuilder op, Value solved, Value mean, Value b, Func<OpBuilder, Value> inDouble)
    {
        if (layer.Precision == ElementType.Double) return layer.ToWeight(op, solved);
        Value norm = op.Op("ReduceL2", [mean], ("keepdims", 0L));
        op.Graph.Rename(norm, op.Graph.FreeName(TrActNames.Norm));
        Value isSafe = Within(op, norm, FloatCondition - 1);
        Value isEnough = op.If(isSafe, then => then.Identity(then.Here(isSafe)), IsSmallShare);
        return op.If(isEnough, then => layer.ToWeight(then, then.Identity(then.Here(solved))), other => wide.ToWeight(other, inDouble(other)));

        // 2⁻²⁴ ‖X‖ ‖dY‖ / λ ≤ FloatShare ‖dW'‖, ‖X‖² = b tr(XᵀX/b)
        Value IsSmallShare(OpBuilder op)
        {
            Value diagonal = op.Here(mean) * Identity(op, op.Here(mean));
            Value x = op.Sqrt(op.Op("ReduceSum", [diagonal], ("keepdims", 0L)) * op.Here(b));
            Value noise = x * op.Op("ReduceL2", [layer.Widened(op, layer.Gradient.DY)], ("keepdims", 0L));
            Value allowed = op.Op("ReduceL2", [op.Here(solved)], ("keepdims", 0L)) * op.ScalarLike(x, FloatShare * (1 << 24));
            Value isSmall = op.Op("LessOrEqual", [noise, allowed * op.Here(lambda)]);
            return op.Op("And", [Within(op, op.Here(norm), LargestFloatCondition - 1), isSmall]);
        }
    }

    /// <summary>‖XᵀX/b‖ ≤ limit · λ; not so where float32 overflows.</summary>
    private Value Within(OpBuilder op, Value norm, double limit) =>
        op.Op("LessOrEqual", [norm, op.Here(lambda) * op.ScalarLike(norm, limit)]);

    /// <summary>α²G/b of a Gram matrix, a matrix a group.</summary>
    private Value Mean(OpBuilder op, Value gram, Value b) =>
        layer.Alpha == 1 ? gram / b : gram * (op.ScalarLike(b, layer.Alpha * layer.Alpha) / b);

    /// <summary>α²G/b + λI; in float64 with λ raised to what float64 can tell from 0 beside G/b.</summary>
    private Value Regularized(OpBuilder op, LayerRows layer, Value mean)
    {
        Value ridge = op.Here(lambda);
        if (layer.Precision == ElementType.Double)
        {
            Value norm = op.Sqrt(op.Op("ReduceSumSquare", [mean], ("keepdims", 0L)));
            ridge = op.Op("Max", [op.Cast(ridge, ElementType.Double), norm * op.ScalarLike(norm, SmallestLambda)]);
        }
        return mean + (Identity(op, mean) * ridge);
    }

    /// <summary>I [n, n] of a matrix or of a stack of them.</summary>
    private Value Identity(OpBuilder op, Value mean) =>
        op.Op("EyeLike", [layer.Groups == 1 ? mean : op.Gather(mean, op.Constant(Tensor.Scalar(0L)))]);

    /// <summary>α dW where dW was made without α.</summary>
    private Value Scaled(OpBuilder op, Value dW) => layer.Alpha == 1 ? dW : dW * op.ScalarLike(dW, layer.Alpha);
}
