using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Operators without a gradient, on a path beside a differentiable one: they count as constants, and stop nothing.</summary>
internal static partial class OperatorRows
{
    private static OperatorRow[] WithoutGradient =>
    [
        // Shapes, sizes, positions.
        Beside("Shape", (op, x) => op.Expand(op.ReduceSum(x, [0], keepDims: true), op.Shape(x)) * x),
        Beside("Size", (op, x) => x * x / op.Cast(op.Size(x), ElementType.Double)),
        Beside("Range", (op, x) => op.Gather(x, op.Op("Range", [Long(op, 0), op.Gather(op.Shape(x), Long(op, 0)), Long(op, 2)]))
            * op.ScalarLike(x, 3)),
        Beside("ConstantOfShape", (op, x) => op.Op("ConstantOfShape", [op.Shape(x)], ("value", Tensor.Vector(2.5))) * x * x),
        Beside("Constant", (op, x) => x * op.Op("Constant", [], ("value", Tensor.Scalar(-1.5)))),
        Beside("EyeLike", (op, x) => op.Op("EyeLike", [x], ("k", 1)) * x * x, rank: 2),
        Beside("OneHot", (op, x) => x * op.Cast(op.Op("OneHot",
            [op.Op("ArgMax", [x], ("axis", -1), ("keepdims", 0)), op.Gather(op.Shape(x), Long(op, -1)), op.Constant(Tensor.Vector(0.5f, 2f))]),
            ElementType.Double), rank: 2),
        Beside("NonZero", (op, x) => op.Op("GatherND", [x * x, op.Op("Transpose", [op.Op("NonZero", [Above(op, x, 0)])])])),

        // Comparisons and logic.
        Beside("Equal", (op, x) => op.Where(op.Op("Equal", [x, op.Reduce("ReduceMax", x, [-1], keepDims: true)]), x * x, x)),
        Beside("Greater", (op, x) => op.Where(op.Op("Greater", [x, op.ScalarLike(x, 0)]), x * x, -x)),
        Beside("GreaterOrEqual", (op, x) => op.Where(op.Op("GreaterOrEqual", [x, op.ScalarLike(x, 0)]), x * x, -x)),
        Beside("Less", (op, x) => op.Cast(op.Op("Less", [x, op.ScalarLike(x, 0)]), ElementType.Double) * x * x),
        Beside("LessOrEqual", (op, x) => op.Where(op.Op("LessOrEqual", [x, op.ScalarLike(x, 0)]), x * x, -x)),
        Beside("And", (op, x) => op.Where(op.Op("And", [Above(op, x, -0.5), op.Op("Not", [Above(op, x, 0.5)])]), x * x, -x)),
        Beside("Or", (op, x) => op.Where(op.Op("Or", [Above(op, x, 0.5), op.Op("Not", [Above(op, x, -0.5)])]), x * x, -x)),
        Beside("Xor", (op, x) => op.Where(op.Op("Xor", [Above(op, x, 0.5), Above(op, x, -0.5)]), x * x, -x)),
        Beside("IsNaN", (op, x) => op.Where(op.Op("IsNaN", [x]), op.ScalarLike(x, 0), x * x)),
        Beside("IsInf", (op, x) => op.Where(op.Op("IsInf", [x]), op.ScalarLike(x, 0), x * x)),

        // Steps.
        Beside("ArgMax", (op, x) => op.Op("GatherElements", [x * x, op.Op("ArgMax", [x], ("axis", -1))], ("axis", -1))),
        Beside("ArgMin", (op, x) => op.Op("GatherElements", [x * x, op.Op("ArgMin", [x], ("axis", 0))], ("axis", 0))),
        Beside("Hardmax", (op, x) => op.Cast(op.Op("Hardmax", [op.Cast(x, ElementType.Float)], ("axis", -1)), ElementType.Double) * x * x),
        Beside("Floor", (op, x) => op.Op("Floor", [x]) * x),
        Beside("Ceil", (op, x) => op.Op("Ceil", [x]) * x),
        Beside("Round", (op, x) => op.Op("Round", [x + op.ScalarLike(x, 0.5)]) * x),
        Beside("Mod", (op, x) => op.Cast(op.Op("Mod", [op.Cast(op.Op("Floor", [x + x]), ElementType.Int64), Long(op, 3)]), ElementType.Double) * x),
        Beside("Sign", (op, x) => op.Op("Sign", [x]) * x * x),
    ];

    private static OperatorRow Beside(OpId op, Func<OpBuilder, Value, Value> y, int rank = 0) => new(op, d =>
    {
        long[] dims = rank > 0 ? d.Shape(rank, rank) : d.Shape(1, 3);
        return OperatorSample.Around((builder, x) => y(builder, x[0]), d.Apart(dims, Steps));
    }, Float64, "beside");

    /// <summary>Where floor, ceil, round and comparisons with halves jump.</summary>
    private static readonly double[] Steps = [.. Enumerable.Range(-40, 81).Select(i => i / 2.0)];

    private static Value Above(OpBuilder op, Value x, double bound) => op.Op("Greater", [x, op.ScalarLike(x, bound)]);

    private static Value Long(OpBuilder op, long value) => op.Constant(Tensor.Scalar(value));
}
