using GraphRewrite.IR;

namespace TrActOnnx.Tests.IR.Shapes;

/// <summary>The rows: operator, opset, inputs, attributes.</summary>
internal static class ShapeCases
{
    public static IReadOnlyList<ShapeCase> All { get; } =
    [
        // Elementwise.
        Of(17, "Add", [F(2, 3, 4), F(3, 1)]),
        Of(17, "Add", [F(2, 1, 4), F(5, 3, 1, 1, 4)]),
        Of(17, "Mul", [F(), F(2, 3)]),
        Of(17, "Pow", [F(3, 1), F(4)]),
        Of(17, "Max", [F(3, 1), F(4), F(2, 1, 1)]),
        Of(17, "Sum", [F(3, 1), F(1, 4), F(4)]),
        Of(17, "PRelu", [F(2, 3, 4), F(3, 1)]),
        Of(17, "Less", [F(2, 1), F(3)]),
        Of(17, "Where", [Tensor.Of([3, 1], true, false, true), F(4), F(2, 1, 1)]),
        Of(17, "IsNaN", [F(2, 3)]),
        Of(17, "Cast", [F(2, 3)], ("to", ElementType.Int64)),
        Of(19, "CastLike", [F(2, 3), I(4)]),
        Of(17, "CumSum", [F(2, 3), Tensor.Scalar(1L)]),
        Of(17, "Trilu", [F(2, 3, 3)]),

        // Shape arithmetic: contents are compared too.
        Of(17, "Sub", [I(2, 3, 4), I(5)]),
        Of(17, "Div", [I(7, -7, 9), I(2, 2, -4)]),
        Of(17, "Mod", [I(7, 9), I(4, 3)]),
        Of(17, "Equal", [I(7, 9), I(7, 3)]),
        Of(17, "Less", [I(7, 3, 4), I(7)]),
        Of(17, "Greater", [I(7, 3, 4), I(3)]),
        Of(17, "Not", [Tensor.Vector(true, false)]),
        Of(17, "Where", [Tensor.Vector(true, false), I(1, 2), I(-3, -4)]),
        Of(17, "Cast", [I(0, 5)], ("to", ElementType.Bool)),
        Of(17, "ReduceProd", [I(3, 4, 5)], ("keepdims", 0)),
        Of(17, "ReduceMax", [I(3, 7, 5)]),
        Of(17, "Range", [Tensor.Scalar(2L), Tensor.Scalar(11L), Tensor.Scalar(3L)]),
        Of(17, "Range", [Tensor.Scalar(9L), Tensor.Scalar(-2L), Tensor.Scalar(-4L)]),
        Of(17, "Slice", [I(5, 6, 7, 8, 9), I(-1), I(-5), I(0), I(-2)]),
        Of(17, "Slice", [I(5, 6, 7, 8, 9), I(1), I(long.MaxValue)]),
        Of(17, "Slice", [I(5, 6, 7, 8, 9), I(-1), I(long.MinValue), I(0), I(-1)]),
        Of(17, "Slice", [Tensor.Of([3, 2], 5L, 6L, 7L, 8L, 9L, 10L), I(-1), I(long.MinValue), I(0), I(-1)]),
        Of(17, "Slice", [Tensor.Of([2, 3, 2], 0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L), I(1, 0), I(3, 1), I(1, 2)]),
        Of(17, "Transpose", [Tensor.Of([3, 2], 5L, 6L, 7L, 8L, 9L, 10L)]),
        Of(17, "Transpose", [Tensor.Of([2, 3, 2], 0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L)], ("perm", new long[] { 2, 0, 1 })),
        Of(17, "Gather", [I(5, 6, 7), I(-1, 0)]),
        Of(17, "Gather", [I(5, 6, 7), Tensor.Scalar(1L)]),
        Of(17, "Concat", [I(5, 6), I(7)], ("axis", 0)),
        Of(17, "Split", [I(5, 6, 7), I(1, 2)], 2),
        Of(17, "Unsqueeze", [Tensor.Scalar(4L), I(0)]),
        Of(17, "Squeeze", [I(4), I(0)]),
        Of(17, "Expand", [I(4), I(3)]),
        Of(17, "ConstantOfShape", [I(3)], ("value", I(-1))),
        Of(17, "ConstantOfShape", [I(3, 2)]),
        Of(17, "Shape", [F(2, 3, 4)], ("start", -2)),
        Of(17, "Shape", [F(2, 3, 4)], ("start", 1), ("end", -1)),
        Of(17, "Size", [F(2, 3, 4)]),
        Of(17, "Constant", [], ("value_ints", new long[] { 4, -1 })),

        // Windows.
        Of(17, "Conv", [F(2, 3, 9, 10), F(6, 3, 3, 2), F(6)], ("strides", new long[] { 2, 1 }), ("pads", new long[] { 1, 0, 2, 1 })),
        Of(17, "Conv", [F(2, 4, 11), F(6, 2, 3)], ("group", 2), ("dilations", new long[] { 3 })),
        Of(17, "Conv", [F(1, 1, 5, 6, 7), F(2, 1, 3, 3, 3)], ("pads", new long[] { 1, 1, 1, 1, 1, 1 })),
        Of(17, "Conv", [F(2, 3, 9, 10), F(6, 3, 3, 2)], ("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2, 3 })),
        Of(17, "Conv", [F(2, 3, 9, 10), F(6, 3, 3, 2)], ("auto_pad", "VALID"), ("strides", new long[] { 2, 3 })),
        Of(17, "ConvTranspose", [F(2, 4, 5, 6), F(4, 3, 3, 3)], ("strides", new long[] { 2, 3 }),
            ("pads", new long[] { 1, 0, 1, 1 }), ("output_padding", new long[] { 1, 0 })),
        Of(17, "ConvTranspose", [F(2, 4, 5), F(4, 3, 3)], ("group", 2), ("dilations", new long[] { 2 })),
        Of(17, "ConvTranspose", [F(2, 4, 5), F(4, 3, 3)], ("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2 })),
        Of(17, "ConvTranspose", [F(2, 4, 5), F(4, 3, 3)], ("output_shape", new long[] { 10 }), ("strides", new long[] { 2 })),
        Of(17, "MaxPool", [F(2, 3, 8, 9)], 2, ("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("ceil_mode", 1)),
        Of(17, "MaxPool", [F(1, 1, 3)], ("kernel_shape", new long[] { 2 }),
            ("strides", new long[] { 3 }), ("pads", new long[] { 1, 1 }), ("ceil_mode", 1)),
        Of(17, "MaxPool", [F(1, 1, 12)], ("kernel_shape", new long[] { 3 }), ("auto_pad", "SAME_LOWER"), ("strides", new long[] { 2 })),
        Of(19, "AveragePool", [F(2, 3, 8)], ("kernel_shape", new long[] { 3 }),
            ("dilations", new long[] { 2 }), ("ceil_mode", 1), ("strides", new long[] { 2 })),
        Of(17, "GlobalAveragePool", [F(2, 3, 8, 9)]),

        // Products.
        Of(17, "Gemm", [F(3, 2), F(4, 3), F(4)], ("transA", 1), ("transB", 1)),
        Of(17, "MatMul", [F(5, 1, 2, 3), F(4, 3, 6)]),
        Of(17, "MatMul", [F(3), F(4, 3, 6)]),
        Of(17, "MatMul", [F(4, 2, 3), F(3)]),
        Of(17, "MatMul", [F(3), F(3)]),
        Of(17, "com.microsoft::FusedMatMul", [F(4, 3, 2), F(4, 5, 3)], ("transA", 1), ("transB", 1), ("alpha", 0.5f)),
        Of(17, "com.microsoft::FusedMatMul", [F(2, 4, 3), F(4, 3, 5)], ("transBatchA", 1)),
        Of(17, "com.microsoft::FusedMatMul", [F(3, 4, 2), F(4, 3, 5)], ("transBatchA", 1), ("transA", 1)),
        Of(17, "Einsum", [F(2, 3, 4), F(2, 4, 5)], ("equation", "bij,bjk->bik")),
        Of(17, "Einsum", [F(2, 3, 4), F(4, 5)], ("equation", "...j, jk")),
        Of(17, "Einsum", [F(3, 3)], ("equation", "ii->i")),
        Of(17, "LSTM", [F(5, 2, 3), F(2, 16, 3), F(2, 16, 4)], 3, ("hidden_size", 4), ("direction", "bidirectional")),
        Of(17, "GRU", [F(5, 2, 3), F(1, 12, 3), F(1, 12, 4)], 2, ("hidden_size", 4)),

        // Reductions.
        Of(17, "ReduceSum", [F(2, 3, 4), I(0, -1)], ("keepdims", 0)),
        Of(17, "ReduceSum", [F(2, 3, 4)], ("noop_with_empty_axes", 1)),
        Of(17, "ReduceMean", [F(2, 3, 4)], ("axes", new long[] { -2 })),
        Of(18, "ReduceL2", [F(2, 3, 4), I(1)], ("keepdims", 0)),
        Of(17, "ReduceMax", [F(2, 3, 4)], ("keepdims", 0)),
        Of(17, "ArgMax", [F(2, 3, 4)], ("axis", -1), ("keepdims", 0)),
        Of(17, "TopK", [F(2, 9), I(3)], 2, ("axis", 1)),

        // Other axes.
        Of(17, "Reshape", [F(2, 3, 4), I(0, -1)]),
        Of(17, "Reshape", [F(2, 3, 4), I(4, 0, -1)]),
        Of(17, "Reshape", [F(2, 0, 4), I(0, 7)], ("allowzero", 1)),
        Of(17, "Flatten", [F(2, 3, 4)], ("axis", 2)),
        Of(17, "Flatten", [F(2, 3, 4)], ("axis", 0)),
        Of(17, "Flatten", [F(2, 3, 4)], ("axis", -1)),
        Of(17, "Squeeze", [F(1, 3, 1), I(-1)]),
        Of(17, "Squeeze", [F(1, 3, 1)]),
        Of(11, "Squeeze", [F(1, 3, 1)], ("axes", new long[] { 0 })),
        Of(17, "Unsqueeze", [F(3, 4), I(-1, 0)]),
        Of(11, "Unsqueeze", [F(3, 4)], ("axes", new long[] { 1, 3 })),
        Of(17, "Transpose", [F(2, 3, 4)]),
        Of(17, "Transpose", [F(2, 3, 4)], ("perm", new long[] { 1, 2, 0 })),
        Of(17, "Expand", [F(3, 1), I(2, 1, 6)]),
        Of(17, "Tile", [F(3, 1), I(2, 5)]),
        Of(17, "Concat", [F(2, 3), F(2, 5), F(2, 1)], ("axis", -1)),
        Of(17, "Split", [F(2, 7), I(3, 4)], 2, ("axis", 1)),
        Of(17, "Split", [F(2, 6)], 3, ("axis", 1)),
        Of(18, "Split", [F(2, 7)], 3, ("axis", 1), ("num_outputs", 3)),
        Of(11, "Split", [F(2, 7)], 2, ("axis", 1), ("split", new long[] { 2, 5 })),
        Of(17, "Slice", [F(9, 8, 7), I(1, -3), I(-1, 100), I(0, 2)]),
        Of(17, "Slice", [F(9, 8, 7), I(-1, 0), I(long.MinValue, 7), I(1, 0), I(-1, 3)]),
        Of(17, "Slice", [F(9, 8), I(5), I(2)]),
        Of(17, "Gather", [F(5, 6, 7), Tensor.Of([2, 3], 0L, 1, 2, 3, 4, 5)], ("axis", 1)),
        Of(17, "GatherElements", [F(5, 6), Tensor.Of([2, 3], 0L, 1, 2, 3, 4, 0)], ("axis", 0)),
        Of(17, "GatherND", [F(5, 6, 7), Tensor.Of([3, 1], 0L, 1, 2)]),
        Of(17, "Pad", [F(2, 3), I(1, 2, 3, -1)]),
        Of(18, "Pad", [F(2, 3), I(1, 4), null, I(-1)]),
        Of(18, "Resize", [F(1, 2, 3, 5), null, null, I(7, 4)], ("axes", new long[] { 2, 3 })),
        Of(17, "DepthToSpace", [F(1, 12, 2, 3)], ("blocksize", 2)),
        Of(17, "SpaceToDepth", [F(1, 3, 4, 6)], ("blocksize", 2)),
        Of(17, "OneHot", [I(1, 2, 0), Tensor.Scalar(4L), F(2)]),
        Of(17, "OneHot", [Tensor.Of([2, 2], 0L, 1, 2, 3), Tensor.Scalar(4L), F(2)], ("axis", 1)),

        // Normalizations and losses.
        Of(17, "BatchNormalization", [F(2, 3, 4), F(3), F(3), F(3), F(3)]),
        Of(17, "BatchNormalization", [F(2, 3, 4), F(3), F(3), F(3), F(3)], 3, ("training_mode", 1)),
        Of(17, "LayerNormalization", [F(2, 3, 4), F(3, 4)], 3, ("axis", 1)),
        Of(17, "InstanceNormalization", [F(2, 3, 4), F(3), F(3)]),
        Of(21, "GroupNormalization", [F(2, 4, 5), F(4), F(4)], ("num_groups", 2)),
        Of(17, "Softmax", [F(2, 3)]),
        Of(17, "Dropout", [F(2, 3)], 2),
        Of(17, "SoftmaxCrossEntropyLoss", [F(3, 5), I(0, 4, 2)], 2),
        Of(17, "SoftmaxCrossEntropyLoss", [F(3, 5), I(0, 4, 2)], ("reduction", "none")),
        Of(17, "NegativeLogLikelihoodLoss", [F(3, 5), I(0, 4, 2)], ("reduction", "sum")),

        // Random and data-dependent.
        Of(17, "RandomNormal", [], ("shape", new long[] { 2, 3 })),
        Of(17, "RandomUniformLike", [F(2, 3)]),
        Of(17, "Bernoulli", [F(2, 3)], ("dtype", ElementType.Bool)),
        Of(17, "EyeLike", [F(2, 3)], ("dtype", ElementType.Int64)),

        // ONNX Runtime's own.
        Of(17, "com.microsoft::Gelu", [F(2, 3)]),
        Of(17, "com.microsoft::QuickGelu", [F(2, 3)], ("alpha", 1f)),
        Of(17, "com.microsoft::FastGelu", [F(2, 3), F(3)]),
        Of(17, "com.microsoft::BiasGelu", [F(2, 3), F(3)]),
        Of(17, "com.microsoft::Inverse", [Tensor.Of([2, 2], 2f, 1, 1, 2)]),
    ];

    private static ShapeCase Of(long opset, OpId op, Tensor?[] inputs, params (string Name, object Value)[] attributes) =>
        new(opset, op, inputs, 1, attributes);

    private static ShapeCase Of(long opset, OpId op, Tensor?[] inputs, int outputs, params (string Name, object Value)[] attributes) =>
        new(opset, op, inputs, outputs, attributes);

    private static Tensor F(params long[] dims) => Tensor.Filled(ElementType.Float, dims, 1);

    private static Tensor I(params long[] elements) => Tensor.Vector(elements);
}
