using GraphRewrite.IR;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>THE table of operators under test: one row an operator and variant.</summary>
internal static partial class OperatorRows
{
    /// <summary>Operators whose output is no function of the inputs alone, or that need a model around them.</summary>
    public static OpId[] TestedElsewhere { get; } = ["Dropout", "SoftmaxCrossEntropyLoss"];

    public static IReadOnlyList<OperatorRow> All { get; } = [.. OfRules, .. Tied, .. Normalized, .. Expanded, .. OfImages, .. WithoutGradient];

    private static OperatorRow[] OfRules =>
    [
        // Arithmetic.
        new("Add", Binary, Float64),
        new("Sub", Binary, Float64),
        new("Mul", Binary, Float64),
        new("Div", d => { (long[] a, long[] b) = Broadcast(d); return OperatorSample.Of(d.Real(a), d.Positive(b)); }, Float64),
        new("Pow", d => { (long[] a, long[] b) = Broadcast(d); return OperatorSample.Of(d.Positive(a), d.Real(b)); }, Float64),
        new("Pow", d => OperatorSample.Of(d.Positive(d.Shape(0, 3)), Operand.Stored(d.Scalar(d.One(0, 1, 2, 3, 0.5, -1)))), Float64, "stored"),
        new("Mod", d => OperatorSample.Of(d.Apart(d.Shape(0, 3), [.. Enumerable.Range(-20, 41).Select(k => 0.77 * k)]), new Operand(d.Scalar(0.77)))
            .With(("fmod", 1)), Float64, "fmod"),
        new("Sum", Several, Float64),
        new("Mean", Several, Float32),
        new("Max", Extremum, Float64),
        new("Min", Extremum, Float64),
        new("Where", Where, Float64),
        new("Identity", Unary, Float64),
        new("Cast", d => Unary(d).With(("to", ElementType.Float)), Linear, "float"),

        // Functions of one variable.
        new("Neg", Unary, Float64),
        new("Abs", d => Kinked(d, 0), Float64),
        new("Sqrt", UnaryPositive, Float64),
        new("Reciprocal", UnaryPositive, Float64),
        new("Exp", Unary, Float64),
        new("Log", UnaryPositive, Float64),
        new("Erf", Unary, Float32),
        new("Sin", Unary, Float64),
        new("Cos", Unary, Float64),
        new("Tan", d => UnaryWithin(d, -1, 1), Float32),
        new("Asin", d => UnaryWithin(d, -0.7, 0.7), Float32),
        new("Acos", d => UnaryWithin(d, -0.7, 0.7), Float32),
        new("Atan", Unary, Float32),
        new("Sinh", Unary, Float32),
        new("Cosh", Unary, Float32),
        new("Asinh", Unary, Float32),
        new("Acosh", d => UnaryWithin(d, 1.5, 3), Float32),
        new("Atanh", d => UnaryWithin(d, -0.7, 0.7), Float32),

        // Activations.
        new("Relu", d => Kinked(d, 0), Float64),
        new("Sigmoid", Unary, Float64),
        new("Tanh", Unary, Float64),
        new("LeakyRelu", d => Kinked(d, 0).With(("alpha", d.One(0.01f, 0.3f))), Float32),
        new("Gelu", d => Unary(d).With(("approximate", d.One("none", "tanh"))), Float32),
        new("com.microsoft::Gelu", Unary, Float32),
        new("com.microsoft::FastGelu", d =>
        {
            long[] x = d.Shape(1, 3);
            return d.Flip() ? OperatorSample.Of(d.Real(x)) : OperatorSample.Of(d.Real(x), d.Real(x[^1]));
        }, Float32),
        new("com.microsoft::BiasGelu", d => { long[] x = d.Shape(1, 3); return OperatorSample.Of(d.Real(x), d.Real(x[^1])); }, Float32),
        new("com.microsoft::QuickGelu", d => Unary(d).With(("alpha", d.One(1f, 1.702f))), Float32),
        new("Elu", d => Kinked(d, 0).With(("alpha", d.One(1f, 0.5f))), Float32),
        new("Selu", d => d.Flip() ? Kinked(d, 0) : Kinked(d, 0).With(("alpha", 1.5f), ("gamma", 1.2f)), Float32),
        new("Celu", d => Kinked(d, 0).With(("alpha", d.One(1f, 2f))), Float32),
        new("PRelu", PRelu, Float32),
        new("ThresholdedRelu", d => Kinked(d, 0.5).With(("alpha", 0.5f)), Float32),
        new("Clip", Clip, Float64),
        new("HardSigmoid", d => Kinked(d, -2.5, 2.5), Float32),
        new("HardSigmoid", d => Kinked(d, -1, 1.5).With(("alpha", 0.4f), ("beta", 0.4f)), Float32, "attributes"),
        new("HardSwish", d => Kinked(d, -3, 3), Float32),
        new("Mish", Unary, Float32),
        new("Shrink", d => Kinked(d, -0.5, 0.5).With(("bias", d.One(0f, 0.3f))), Float32),
        new("Softplus", Unary, Float32),
        new("Softsign", d => Kinked(d, 0), Float32),
        new("Softmax", d => WithAxis(d), Float64),
        new("LogSoftmax", d => WithAxis(d), Float64),

        // Products.
        new("MatMul", MatMul, Float64),
        new("MatMul", MatMul, Linear, "float"),
        new("Gemm", Gemm, Float64),
        new("Einsum", Einsum, Float64),
        new("Einsum", EinsumWithEllipsis, Float64, "ellipsis"),
        new("Einsum", EinsumOfDiagonals, Float64, "diagonals"),
        new("Einsum", EinsumWithoutOutput, Float64, "implicit output"),
        new("Det", Det, Float32),
        new("Conv", d => Conv(d), Linear),
        new("ConvTranspose", d => ConvTranspose(d), Linear),
        new("ConvTranspose", ConvTransposeToShape, Linear, "pads from the shape"),

        // Normalizations.
        new("BatchNormalization", FrozenBatchNorm, Float64),
        new("com.microsoft::BatchNormInternal", BatchNorm, Float32),
        new("LayerNormalization", LayerNorm, Float32),
        new("InstanceNormalization", InstanceNorm, Float32),
        new("GroupNormalization", d => GroupNorm(d), Float32),
        new("LpNormalization", d =>
        {
            long[] x = d.Shape(1, 3);
            return OperatorSample.Of(d.Apart(x, 0)).With(("axis", d.Axis(x.Length)), ("p", d.Int(1, 2)));
        }, Float64),
        new("LpNormalization", d => OperatorSample.Of(d.Apart(d.Shape(3, 3), 0)), Float64, "without attributes"),
        new("LRN", LocalResponse, Float32),
        new("MeanVarianceNormalization", d =>
        {
            long[] x = [d.Int(1, 3), d.Int(1, 3), d.Int(2, 3), d.Int(2, 3)];
            return d.Flip() ? OperatorSample.Of(d.Real(x)) : OperatorSample.Of(d.Real(x)).With(("axes", d.One<long[]>([2, 3], [1, 2, 3])));
        }, Float32),

        // Pools.
        new("MaxPool", d => Pool(d, kinked: true) with { Outputs = 2 }, Float32),
        new("AveragePool", d =>
        {
            OperatorSample sample = Pool(d, kinked: false);
            return sample.With([.. sample.Attributes, ("count_include_pad", d.Int(0, 1))]);
        }, Linear),
        new("AveragePool", d => AutomaticPool(d, kinked: false), Linear, "auto_pad"),
        new("AveragePool", d => DilatedPool(d, kinked: false).And(("count_include_pad", d.Int(0, 1))), Linear, "dilations"),
        new("MaxPool", d => AutomaticPool(d, kinked: true) with { Outputs = 2 }, Float32, "auto_pad"),
        new("MaxPool", d => DilatedPool(d, kinked: true) with { Outputs = 2 }, Float32, "dilations"),
        new("LpPool", d => AutomaticPool(d, kinked: true), Float32, "auto_pad"),
        new("LpPool", d =>
        {
            OperatorSample sample = Pool(d, kinked: true, ceil: false);
            return sample.With([.. sample.Attributes, ("p", d.Int(2, 3))]);
        }, Float32),
        new("GlobalAveragePool", d => OperatorSample.Of(d.Real(Images(d))), Linear),
        new("GlobalMaxPool", d => OperatorSample.Of(d.Apart(Images(d))), Float32),

        // Reductions.
        new("ReduceSum", d => Reduce(d, d.Real), Float64),
        new("ReduceMean", d => Reduce(d, d.Real), Float64),
        new("ReduceMean", d => FedAxes(Reduce(d, d.Real)), Float64, "axes that are fed"),
        new("ReduceMax", d => Reduce(d, x => d.Apart(x)), Float64),
        new("ReduceMin", d => Reduce(d, x => d.Apart(x)), Float64),
        new("ReduceProd", d => Reduce(d, d.Real), Float32),
        new("ReduceProd", d => Reduce(d, x => new(Zeroed(d, x))), Float32, "zeros"),
        new("ReduceL1", d => Reduce(d, x => d.Apart(x, 0)), Float32),
        new("ReduceL2", d => Reduce(d, d.Positive), Float32),
        new("ReduceLogSum", d => Reduce(d, d.Positive), Float32),
        new("ReduceLogSumExp", d => Reduce(d, d.Real), Float64),
        new("ReduceSumSquare", d => Reduce(d, d.Real), Float64),
        new("CumSum", d =>
        {
            long[] x = d.Shape(1, 3);
            return OperatorSample.Of(d.Real(x), Operand.Stored(Tensor.Scalar(d.Axis(x.Length))))
                .With(("exclusive", d.Int(0, 1)), ("reverse", d.Int(0, 1)));
        }, Float64),

        // Other axes over the same elements, or repeated.
        new("Reshape", d => { long[] x = d.Shape(1, 4); return OperatorSample.Of(d.Real(x), Operand.Ints([-1, .. x.Skip(2)])); }, Float64),
        new("Flatten", d => { long[] x = d.Shape(1, 4); return OperatorSample.Of(d.Real(x)).With(("axis", d.Int(-x.Length, x.Length))); }, Float64),
        new("Squeeze", Squeeze, Float64),
        new("Unsqueeze", d => OperatorSample.Of(d.Real(d.Shape(0, 3)),
            Operand.Ints(d.One<long[]>([0], [-1], [0, -1], [1, 0]).Distinct().ToArray() is var axes && axes.Contains(1) ? [0, 1] : axes)), Float64),
        new("Transpose", Transpose, Float64),
        new("Expand", d =>
        {
            (long[] x, long[] y) = (d.Shape(0, 3), d.Shape(1, 4));
            long[] narrow = d.Narrower(y);
            return OperatorSample.Of(d.Real(narrow), Operand.Ints(y));
        }, Float64),
        new("Tile", d =>
        {
            long[] x = d.Shape(1, 3);
            return OperatorSample.Of(d.Real(x), Operand.Ints([.. x.Select(_ => (long)d.Int(1, 3))]));
        }, Float64),
        new("DepthToSpace", d => OperatorSample.Of(d.Real(d.Int(1, 2), 4 * d.Int(1, 3), d.Int(1, 3), d.Int(1, 3)))
            .With(("blocksize", 2), ("mode", d.One("DCR", "CRD"))), Float64),
        new("SpaceToDepth", d => OperatorSample.Of(d.Real(d.Int(1, 2), d.Int(1, 3), 2 * d.Int(1, 3), 2 * d.Int(1, 3)))
            .With(("blocksize", 2)), Float64),
        new("Resize", Resize, Linear),
        new("Resize", ResizeOfVolume, Linear, "three axes"),
        new("Resize", ResizeByAxes, Linear, "some axes"),
        new("Resize", ResizeCubic, Linear, "cubic"),
        new("Resize", ResizeAntialiased, Linear, "antialias"),
        new("Resize", ResizeCropped, Linear, "crop"),
        new("Resize", ResizeSymmetric, Linear, "symmetric"),
        new("Trilu", d => OperatorSample.Of(d.Real(d.Shape(2, 4)), d.Flip() ? null : Operand.Stored(Tensor.Scalar((long)d.Int(-2, 2))))
            .With(("upper", d.Int(0, 1))), Float64),

        // Parts and joins.
        new("Concat", Concat, Float64),
        new("Split", Split, Float64),
        new("Slice", Slice, Float64),
        new("Pad", Pad, Float64),
        new("Pad", d => PadAround(d), Float64, "wrap"),
        new("Gather", Gather, Float64),
        new("GatherElements", d =>
        {
            long[] x = d.Shape(1, 3);
            int axis = d.Int(0, x.Length - 1);
            Operand values = d.Real(x);
            long[] picked = [.. x.Select((extent, i) => i == axis ? d.Int(1, 5) : extent)];
            return OperatorSample.Of(values, Operand.Fixed(d.Indices(-x[axis], x[axis], picked))).With(("axis", axis));
        }, Float64),
        new("GatherND", GatherND, Float64),
        new("ScatterElements", ScatterElements, Float64),
        new("ScatterElements", ScatterElementsReduced, Float64, "reductions"),
        new("ScatterND", ScatterND, Float64),
        new("ScatterND", ScatterNDReduced, Float64, "reductions"),
        new("ReverseSequence", ReverseSequence, Float64),
        new("TopK", TopK, Float64),
    ];
}
