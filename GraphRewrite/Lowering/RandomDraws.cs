using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Lowering;

/// <summary>
/// Random numbers that are a function of seed and run, so that a resumed run draws what it would have drawn: ONNX Runtime's CPU kernel of Dropout
/// begins its generator (minstd) anew from seed + k in run k, while RandomUniform and RandomNormal go on where the last run stopped, which no other
/// session can. Of neighbouring seeds the j-th numbers differ by the same amount each time, 16807ʲ mod 2³¹ − 1, the first ones hardly at all: so
/// the first shift(step) numbers are thrown away, and an entry takes another j in every step.
/// </summary>
/// <param name="step">int64 [1]: how many steps were done.</param>
internal sealed class RandomDraws(Value step)
{
    private const int Bits = 24; // of a float32's mantissa
    private const long Prime = 2147483647, Shifts = 1021;

    private Value? shift;

    /// <summary>U ≥ ratio, bool [count]: true at a rate of 1 − ratio.</summary>
    /// <param name="op">Emits where they are drawn.</param>
    /// <param name="count">int64 [1].</param>
    /// <param name="ratio">A float scalar.</param>
    public Value Kept(OpBuilder op, Value count, Value ratio)
    {
        shift ??= Shift(op);
        Value blank = op.Op("ConstantOfShape", [count + shift]);
        // The kernel refuses 1; of a ratio below it by one rounding it keeps one entry in 2²⁴.
        Value below = op.Op("Min", [ratio, op.Constant(Tensor.Scalar(MathF.BitDecrement(1)))]);
        Value kept = op.Ops("Dropout", [blank, below, op.Constant(Tensor.Scalar(true))], 2)[1];
        return op.Op("Slice", [kept, shift, op.Ints(long.MaxValue)]);
    }

    /// <summary>U = Σ bᵢ 2⁻ⁱ over fair bits b₁ … b₂₄, float [count], in [0, 1).</summary>
    public Value Uniform(OpBuilder op, Value count)
    {
        Value bits = op.Cast(Kept(op, count * op.Ints(Bits), op.Constant(Tensor.Scalar(0.5f))), ElementType.Float);
        Value weights = op.Constant(Tensor.Of([1, Bits], [.. Enumerable.Range(1, Bits).Select(i => MathF.ScaleB(1, -i))]));
        return op.Reshape(op.MatMul(weights, op.Reshape(bits, Bits, -1)), -1); // [1, 24] × [24, count]
    }

    /// <summary>√(−2 ln(1 − U₁)) · cos(2π U₂), float [count]: standard normal (Box and Muller).</summary>
    public Value Normal(OpBuilder op, Value count)
    {
        Value radius = op.Sqrt(op.Op("Log", [op.Constant(Tensor.Scalar(1f)) - Uniform(op, count)]) * op.Constant(Tensor.Scalar(-2f)));
        return radius * op.Op("Cos", [Uniform(op, count) * op.Constant(Tensor.Scalar(MathF.Tau))]);
    }

    /// <summary>1 + (x² mod p mod 1021), x = 48271 · (step + 1) mod p.</summary>
    private Value Shift(OpBuilder op)
    {
        Value x = Mod(op, (step + op.Ints(1)) * op.Ints(48271), Prime);
        return Mod(op, Mod(op, x * x, Prime), Shifts) + op.Ints(1);
    }

    private static Value Mod(OpBuilder op, Value x, long modulus) => op.Op("Mod", [x, op.Ints(modulus)]);
}
