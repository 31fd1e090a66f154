using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Kernels;

/// <summary>
/// Sums over rows and copies of columns as products with ones: ReduceSum over the first axis, and Expand, have one thread in ONNX Runtime's CPU
/// provider, and a product takes all of them (measured: a tenth of the time and less).
/// </summary>
internal static class OnesProducts
{
    /// <summary>The most ones of a row: they are stored, a quarter of a megabyte.</summary>
    public const long Most = 1 << 16;

    /// <summary>Σ over R: ones [1, R] · X [R, P], or a stack of such.</summary>
    public static Value Sum(OpBuilder op, Value x, long rows) => op.MatMul(Ones(op, rows), x);

    /// <summary>X [R, 1] · ones [1, P] → [R, P].</summary>
    public static Value Copies(OpBuilder op, Value x, long copies) => op.MatMul(x, Ones(op, copies));

    private static Value Ones(OpBuilder op, long count) => op.Constant(Tensor.Filled(ElementType.Float, [1, count], 1));
}
