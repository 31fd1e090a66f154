using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.IR.Windows;

namespace GraphRewrite.Kernels.Gram;

/// <summary>tract::PatchRows: X → rows [b, n] or [g, b, n], and b as a scalar of X's type.</summary>
internal static class PatchRows
{
    /// <param name="op">Where.</param>
    /// <param name="problem">X and how it is cut.</param>
    /// <param name="planes">Emits the matrix of all patches [N, g, n, O].</param>
    public static IReadOnlyList<Value> Emit(OpBuilder op, PatchProblem problem, Func<OpBuilder, Value> planes)
    {
        (Value x, PatchGeometry patches) = problem;
        (long groups, long n) = (patches.Groups, patches.Features);
        if (!patches.IsConv) return [op.Reshape(patches.TransposedX ? op.Transpose(x, 1, 0) : x, -1, n), Count(op, x, x.Type, n)];
        Value grouped = op.Transpose(planes(op), 1, 0, 3, 2); // [g, N, O, n]
        Value rows = groups == 1 ? op.Reshape(grouped, -1, n) : op.Reshape(grouped, groups, -1, n);
        return [rows, Count(op, rows, x.Type, groups * n)];
    }

    /// <summary>b = size / (elements of a row), as a scalar of the given type.</summary>
    public static Value Count(OpBuilder op, Value x, ElementType type, long row) =>
        op.Op("Cast", [op.Size(x) / op.Constant(Tensor.Scalar(row))], ("to", type));
}
