namespace GraphRewrite.IR.Building;

// Products in Float and Double alike.
public sealed partial class OpBuilder
{
    /// <summary>
    /// A' B' of two matrices or of two stacks [g, i, k], [g, k, j]. In Double no Transpose stands before a MatMul: runtimes up to April 2026 fuse the
    /// two into a FusedMatMul that they have no kernel for (github.com/microsoft/onnxruntime/issues/28136).
    /// </summary>
    internal Value Product(Value a, Value b, bool transA = false, bool transB = false)
    {
        if (a.Shape is { Rank: 2 } && b.Shape is { Rank: 2 }) return Gemm(a, b, transA, transB);
        if (!transA && !transB) return MatMul(a, b);
        return a.Type == ElementType.Double
            ? Op("Einsum", [a, b], ("equation", $"{(transA ? "gki" : "gik")},{(transB ? "gjk" : "gkj")}->gij"))
            : MatMul(transA ? Transpose(a, 0, 2, 1) : a, transB ? Transpose(b, 0, 2, 1) : b);
    }
}
