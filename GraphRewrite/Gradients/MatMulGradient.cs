using GraphRewrite.IR;
using GraphRewrite.IR.Building;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y = A B: dA = dY Bᵀ, dB = Aᵀ dY, over stacks of matrices, summed to the operand's shape. A matrix B under a stack A, as in a linear layer on
/// sequences, gets its gradient from rows in one Gemm.
/// </summary>
internal static class MatMulGradient
{
    public static IReadOnlyList<Value?> OfMatMul(OpBuilder op, Node n, Value dY)
    {
        (Value a, Value b) = (n.In(0), n.In(1));
        if (a.Shape is not { Rank: > 0 } left || b.Shape is not { Rank: > 0 } right)
            throw n.Refuse("the ranks of its operands are not known", "Run ONNX shape inference on the model");

        // A vector is a row on the left, a column on the right.
        Value dMatrix = dY;
        if (right.Rank == 1) dMatrix = op.Unsqueeze(dMatrix, -1);
        if (left.Rank == 1) dMatrix = op.Unsqueeze(dMatrix, -2);
        Value rows = left.Rank == 1 ? op.Unsqueeze(a, 0) : a;
        Value columns = right.Rank == 1 ? op.Unsqueeze(b, 1) : b;

        Value dA = Broadcast.SumTo(op, Product(op, dMatrix, columns, transB: true), rows);
        Value dB = columns.Shape!.Rank == 2 && rows.Shape!.Rank > 2 && columns.Shape.IsStatic
            ? FromRows(op, rows, dMatrix, columns.Shape)
            : Broadcast.SumTo(op, Product(op, rows, dMatrix, transA: true), columns);
        return [left.Rank == 1 ? op.Squeeze(dA, 0) : dA, right.Rank == 1 ? op.Squeeze(dB, 1) : dB];
    }

    /// <summary>Y = α A′ B′ + β C: dA = α dY B′ᵀ, dB = α A′ᵀ dY, dC = β dY, with A′ = Aᵀ where transA.</summary>
    public static IReadOnlyList<Value?> OfGemm(OpBuilder op, Node n, Value dY)
    {
        (Value a, Value b) = (n.In(0), n.In(1));
        (bool transA, bool transB) = (n.Int("transA", 0) != 0, n.Int("transB", 0) != 0);
        float alpha = n.Float("alpha", 1);
        Value dA = transA ? op.Gemm(b, dY, transB, transB: true, alpha) : op.Gemm(dY, b, transA: false, !transB, alpha);
        Value dB = transB ? op.Gemm(dY, a, transA: true, transA, alpha) : op.Gemm(a, dY, !transA, transB: false, alpha);
        if (n.InOrNull(2) is not { } c) return [dA, dB];
        float beta = n.Float("beta", 1);
        Value dC = Broadcast.SumTo(op, dY, c);
        return [dA, dB, beta == 1 ? dC : dC * op.ScalarLike(dC, beta)];
    }

    /// <summary>Y = |X|: dX = dY Y X⁻ᵀ. A singular matrix has no inverse, and ends the run.</summary>
    public static IReadOnlyList<Value?> OfDet(OpBuilder op, Node n, Value dY)
    {
        if (n.In(0).Shape is not { Rank: > 1 }) throw n.Refuse("the rank of its input is not known", "Run ONNX shape inference on the model");
        return [op.Unsqueeze(dY * n.Out(0), -2, -1) * op.TransposeMatrix(op.Op("com.microsoft::Inverse", [n.In(0)]))];
    }

    /// <summary>dB = A₂ᵀ dY₂ with A₂ [rows, n], dY₂ [rows, m].</summary>
    private static Value FromRows(OpBuilder op, Value a, Value dY, Shape matrix) =>
        op.Gemm(op.Reshape(a, -1, matrix[0].Value), op.Reshape(dY, -1, matrix[1].Value), transA: true);

    /// <summary>FusedMatMul transposes as it reads, but has no kernel for double.</summary>
    private static Value Product(OpBuilder op, Value a, Value b, bool transA = false, bool transB = false)
    {
        if (a.Type != ElementType.Double) return op.FusedMatMul(a, b, transA, transB);
        return op.MatMul(transA ? op.TransposeMatrix(a) : a, transB ? op.TransposeMatrix(b) : b);
    }
}
