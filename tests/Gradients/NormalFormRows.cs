using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>
/// Operators that have their gradient by way of the normal form: what the normal form replaces, older and newer forms, and several nodes as exporters
/// write them. Differences are taken of the model as it is written.
/// </summary>
internal static partial class OperatorRows
{
    private static OperatorRow[] Normalized =>
    [
        // Replaced by other operators.
        new("CastLike", d => OperatorSample.Around((op, x) => op.Op("CastLike", [x[0] * x[0], x[1]]),
            d.Real(d.Shape(0, 3)), Operand.Fixed(d.Flip() ? d.Scalar(0) : Tensor.Scalar(0f))), Float32, "normalized"),
        new("SplitToSequence", SplitToSequence, Float64, "normalized"),
        new("Identity", d => OperatorSample.Around((op, x) => op.Identity(op.Identity(x[0]) * x[0]), d.Real(d.Shape(0, 3))), Float64, "normalized"),
        new("RMSNormalization", RmsNorm, Float32, "opset 23"),
        new("Attention", Attention, Float32, "opset 23"),
        new("RotaryEmbedding", Rotary, Float32, "opset 23"),
        new("Swish", d => Unary(d).With(("alpha", d.One(1f, 1.702f))) with { Opset = 24 }, Float32, "opset 24"),
        new("Attention", d => Attention(d) with { Opset = 24 }, Float32, "opset 24"),
        new("CumProd", CumProd, Float32, "opset 26"),
        new("MatMul", AttentionOfNodes, Float32, "attention of nodes"),

        new("Resize", ResizeByJoinedScales, Linear, "scales joined from constants"),
        new("Resize", ResizeByScaledExtents, Linear, "extents scaled in floating point"),

        // Unrolled.
        new("LSTM", d => Recurrent(d, "LSTM", gates: 4), Float32, "unrolled"),
        new("GRU", d => Recurrent(d, "GRU", gates: 3, ("linear_before_reset", d.Int(0, 1))), Float32, "unrolled"),
        new("RNN", d => Recurrent(d, "RNN", gates: 1), Float32, "unrolled"),

        new("Loop", LoopOfMatMul, Float32, "unrolled"),
        new("Scan", ScanOfSums, Float32, "unrolled"),

        // Spelt out by exporters, fused again.
        new("com.microsoft::Gelu", d => GeluOfNodes(d), Float32, "of nodes"),
        new("com.microsoft::QuickGelu", d => SwishOfNodes(d), Float32, "of nodes"),
        new("LayerNormalization", d => LayerNormOfNodes(d), Float32, "of nodes"),

        // Forms of before opset 13 and 18.
        .. new[] { "ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceLogSumExp" }.Select(
            op => new OperatorRow(op, d => ReduceByAttribute(d, x => d.Real(x)), Float64, "opset 11")),
        new("ReduceProd", d => ReduceByAttribute(d, x => d.Real(x)), Float32, "opset 11"),
        .. new[] { "ReduceL2", "ReduceLogSum" }.Select(op => new OperatorRow(op, d => ReduceByAttribute(d, x => d.Positive(x)), Float32, "opset 11")),
        .. new[] { "ReduceMax", "ReduceMin", "ReduceL1" }.Select(
            op => new OperatorRow(op, d => ReduceByAttribute(d, x => d.Apart(x, 0)), Float32, "opset 11")),
        new("Squeeze", d => { OperatorSample sample = Squeeze(d); return AxesAsAttribute(sample); }, Float64, "opset 11"),
        new("Unsqueeze", d => OperatorSample.Of(d.Real(d.Shape(1, 3))).With(("axes", d.One<long[]>([0], [-1], [0, 2]))) with { Opset = 11 },
            Float64, "opset 11"),
        new("Split", SplitByAttribute, Float64, "opset 11"),
        new("Softmax", d => WithAxis(d) with { Opset = d.One(11, 12) }, Float64, "opset 11"),
        new("LogSoftmax", d => WithAxis(d) with { Opset = d.One(11, 12) }, Float64, "opset 11"),
        new("Pad", d => PadOf11(d), Float64, "opset 11"),
        new("Resize", d => ResizeOf11(d), Linear, "opset 11"),
        new("Dropout", d => Unary(d) with { Opset = 11 }, Float64, "opset 11"),
        new("BatchNormalization", d => FrozenBatchNorm(d) with { Opset = d.One(11, 14) }, Float64, "opset 11"),
        new("GroupNormalization", d => GroupNorm(d, perGroup: true) with { Opset = 18 }, Float32, "opset 18"),

        // Forms that stayed, from the oldest opset to the newest.
        .. Unchanged.SelectMany(row => new[] { At(row, 11), At(row, 26) }),
    ];

    private static OperatorRow[] Unchanged =>
    [
        new("Conv", d => Conv(d), Linear),
        new("ConvTranspose", d => ConvTranspose(d), Linear),
        new("MaxPool", d => Pool(d, kinked: true) with { Outputs = 2 }, Float32),
        new("LRN", LocalResponse, Float32),
        new("Gemm", Gemm, Float64),
        new("MatMul", MatMul, Float64),
        new("Gather", Gather, Float64),
        new("Slice", Slice, Float64),
        new("Concat", Concat, Float64),
        new("TopK", TopK, Float64),
        new("PRelu", PRelu, Float32),
        new("Clip", Clip, Float32),
        new("Selu", d => Kinked(d, 0), Float32),
        new("InstanceNormalization", InstanceNorm, Float32),
        new("Transpose", Transpose, Float64),
        new("Where", Where, Float32),
    ];

    private static OperatorRow At(OperatorRow row, long opset) =>
        row with { Draw = d => row.Draw(d) with { Opset = opset }, Variant = $"opset {opset}" };

    /// <summary>As torch.unbind and torch.split come out of dynamo: some parts are taken, one of them twice.</summary>
    private static OperatorSample SplitToSequence(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1), form = d.Int(0, 3);
        x[axis] = 4;
        Tensor? lengths = form switch { 0 => null, 1 => Tensor.Scalar(2L), 2 => Tensor.Scalar(3L), _ => Tensor.Vector(1L, 3L) };
        bool keeps = form != 0 || d.Flip();
        long taken = d.One(1, -1);
        return OperatorSample.Around((op, v) =>
        {
            Value sequence = op.Op("SplitToSequence", [v[0], v.ElementAtOrDefault(1)], ("axis", axis), ("keepdims", keeps));
            Value first = Part(op, sequence, 0), last = Part(op, sequence, taken);
            return keeps ? op.Concat(axis, first, last * last, first) : first + (last * first);
        }, lengths is null ? [d.Real(x) with { IsStatic = true }] : [d.Real(x) with { IsStatic = true }, Operand.Stored(lengths)]);
    }

    private static Value Part(OpBuilder op, Value sequence, long index) => op.Op("SequenceAt", [sequence, op.Constant(Tensor.Scalar(index))]);

    private static Value Floats(OpBuilder op, params float[] values) => op.Op("Constant", [], ("value", Tensor.Vector(values)));

    private static OperatorSample RmsNorm(Draw d)
    {
        long[] x = [.. d.Shape(0, 2), d.Int(2, 4)];
        int axis = d.Int(0, x.Length - 1);
        OperatorSample sample = OperatorSample.Of(d.Real(x), d.Real(x[axis..]));
        return sample.With(("axis", d.Flip() ? axis : axis - x.Length), ("epsilon", 0.1f)) with { Opset = 23 };
    }

    private static OperatorSample Attention(Draw d)
    {
        bool isFlat = d.Flip(), isCausal = d.Flip();
        (long n, long shared, long heads, long queries, long keys, long width) = (d.Int(1, 2), d.Int(1, 2), 0, d.Int(1, 3), d.Int(1, 4), d.Int(1, 3));
        heads = shared * d.Int(1, 2);
        Operand Of(long count, long length) => d.Real(isFlat ? [n, length, count * width] : [n, count, length, width]);
        long[] mask = d.One<long[]>([queries, keys], [n, 1, queries, keys]);
        Operand? extra = d.Int(0, 2) switch { 0 => d.Real(mask), 1 => Operand.Fixed(FirstColumnTrue(d, mask)), _ => null };
        OperatorSample sample = extra is null ? OperatorSample.Of(Of(heads, queries), Of(shared, keys), Of(shared, keys))
            : OperatorSample.Of(Of(heads, queries), Of(shared, keys), Of(shared, keys), extra);
        (string, object)[] attributes = isFlat ? [("q_num_heads", heads), ("kv_num_heads", shared)] : [];
        if (d.Flip()) attributes = [.. attributes, ("scale", 0.7f)];
        return sample.With([.. attributes, ("is_causal", isCausal)]) with { Opset = 23 };
    }

    /// <summary>Every query sees one key at least: a softmax over none is no number.</summary>
    private static Tensor FirstColumnTrue(Draw d, long[] dims)
    {
        bool[] seen = [.. d.Bools(dims).Span<bool>()];
        for (int i = 0; i < seen.Length; i += (int)dims[^1]) seen[i] = true;
        return Tensor.Of(dims, seen);
    }

    private static OperatorSample Rotary(Draw d)
    {
        bool isFlat = d.Flip(), byPosition = d.Flip();
        (long n, long heads, long length, long pairs) = (d.Int(1, 2), d.Int(1, 2), d.Int(1, 3), d.Int(1, 3));
        long width = 2 * (pairs + d.Int(0, 1)), stored = 5;
        if (byPosition is false && width != 2 * pairs) pairs = width / 2; // without positions the kernel wants tables of the full width
        Operand x = d.Real(isFlat ? [n, length, heads * width] : [n, heads, length, width]);
        long[] table = byPosition ? [stored, pairs] : [n, length, pairs];
        Operand[] operands = [x, d.Real(table), d.Real(table)];
        if (byPosition) operands = [.. operands, Operand.Fixed(d.Indices(0, stored, n, length))];
        (string, object)[] attributes = [("interleaved", d.Flip())];
        if (isFlat) attributes = [.. attributes, ("num_heads", heads)];
        if (2 * pairs < width) attributes = [.. attributes, ("rotary_embedding_dim", 2 * pairs), ("num_heads", heads)];
        return OperatorSample.Of(operands).With(attributes) with { Opset = 23 };
    }

    /// <summary>
    /// Self-attention as torchscript writes it: heads by Reshape to a computed shape, mask by Where, scale by Div. Scores are of fourth degree in the
    /// operands and go through an exponential: beyond 1 their third derivative makes the difference quotient itself wrong by more than the tolerance.
    /// </summary>
    private static OperatorSample AttentionOfNodes(Draw d)
    {
        (long n, long length, long heads, long width) = (d.Int(1, 2), d.Int(1, 3), d.Int(1, 2), d.Int(1, 2));
        long features = heads * width;
        return OperatorSample.Around((op, v) =>
        {
            Value x = v[0], extents = op.Shape(x);
            Value shape = op.Concat(0, op.Slice(extents, [0], [0], [2]), op.Ints(heads, -1));
            Value[] qkv = op.Split(op.MatMul(x, v[1]), 2, features, features, features);
            Value[] split = [.. qkv.Select(part => op.Transpose(op.Reshape(part, shape), 0, 2, 1, 3))];
            Value scores = op.MatMul(split[0], op.Transpose(split[1], 0, 1, 3, 2)) / op.Sqrt(
                op.Cast(op.Constant(Tensor.Scalar(width)), ElementType.Float));
            Value mask = op.Op("Trilu", [op.Expand(op.ScalarLike(x, 1), op.Slice(op.Shape(scores), [0], [2], [4]))], ("upper", 0));
            Value masked = op.Where(op.Op("Equal", [mask, op.ScalarLike(x, 0)]), op.ScalarLike(x, -1e4), scores);
            Value mixed = op.Transpose(op.MatMul(op.Op("Softmax", [masked], ("axis", -1)), split[2]), 0, 2, 1, 3);
            return op.Reshape(mixed, extents) + x;
        }, new Operand(d.Values(-1, 1, n, length, features)), new Operand(d.Values(-1, 1, features, 3 * features)));
    }

    /// <summary>Its three factors in the orders that exporters write.</summary>
    private static OperatorSample GeluOfNodes(Draw d)
    {
        (int order, bool divides) = (d.Int(0, 2), d.Flip());
        return OperatorSample.Around((op, v) =>
        {
            Value x = v[0], half = op.ScalarLike(x, 0.5);
            Value scaled = divides ? x / op.ScalarLike(x, Math.Sqrt(2)) : x * op.ScalarLike(x, Math.Sqrt(0.5));
            Value sum = op.Erf(scaled) + op.ScalarLike(x, 1);
            return order switch { 0 => x * sum * half, 1 => x * (half * sum), _ => x * half * sum };
        }, d.Real(d.Shape(0, 3)));
    }

    private static OperatorSample SwishOfNodes(Draw d)
    {
        double alpha = d.One(1, 1.702);
        return OperatorSample.Around((op, v) => v[0] * op.Sigmoid(alpha == 1 ? v[0] : v[0] * op.ScalarLike(v[0], alpha)), d.Real(d.Shape(0, 3)));
    }

    private static OperatorSample LayerNormOfNodes(Draw d)
    {
        long[] x = [.. d.Shape(0, 2), d.Int(2, 4)];
        int axis = d.Int(0, x.Length - 1);
        long[] axes = [.. Enumerable.Range(axis, x.Length - axis).Select(i => (long)i)];
        bool squares = d.Flip();
        return OperatorSample.Around((op, v) =>
        {
            Value centerd = v[0] - op.ReduceMean(v[0], axes, keepDims: true);
            Value square = squares ? centerd * centerd : op.Op("Pow", [centerd, op.ScalarLike(centerd, 2)]);
            Value normalized = centerd / op.Sqrt(op.ReduceMean(square, axes, keepDims: true) + op.ScalarLike(centerd, 0.1));
            return v.Length < 3 ? normalized * v[1] : (normalized * v[1]) + v[2];
        }, d.Flip() ? [d.Real(x), Weight(d, x[axis..])] : [d.Real(x), Weight(d, x[axis..]), Weight(d, x[axis..])]);
    }

    private static Operand Weight(Draw d, long[] dims) => d.Real(dims) with { IsStatic = true };

    /// <summary>Split with the lengths as an attribute, as before opset 13.</summary>
    private static OperatorSample SplitByAttribute(Draw d)
    {
        OperatorSample sample = Split(d);
        (string, object) lengths = ("split", sample.Operands[1]!.Tensor.ToInt64());
        return new OperatorSample([sample.Operands[0]], [.. sample.Attributes, lengths], sample.Outputs) { Opset = d.One(11, 12) };
    }

    /// <summary>Resize by scales that a Concat joins from constants.</summary>
    private static OperatorSample ResizeByJoinedScales(Draw d)
    {
        float scale = d.One(2f, 3f);
        return OperatorSample.Around((op, v) =>
        {
            Value scales = op.Concat(0, Floats(op, 1, 1), Floats(op, scale, 2));
            return op.Op("Resize", [v[0], null, scales], ("mode", "linear"));
        }, d.Real(d.Int(1, 2), 2, d.Int(1, 3), d.Int(1, 3)));
    }

    private static OperatorSample ReduceByAttribute(Draw d, Func<long[], Operand> operand)
    {
        OperatorSample sample = Reduce(d, operand);
        return AxesAsAttribute(sample.With([.. sample.Attributes.Where(attribute => attribute.Name == "keepdims")]));
    }

    private static OperatorSample AxesAsAttribute(OperatorSample sample) => sample.Operands.Length == 1 ? sample with { Opset = 11 }
        : new OperatorSample([sample.Operands[0]], [.. sample.Attributes, ("axes", sample.Operands[1]!.Tensor.ToInt64())]) { Opset = 11 };

    /// <summary>All axes are padded.</summary>
    private static OperatorSample PadOf11(Draw d)
    {
        long[] x = [.. d.Shape(1, 3).Select(extent => extent + 1)];
        string mode = d.One("constant", "reflect", "edge");
        Operand pads = Operand.Ints([.. x.Concat(x).Select(extent => (long)d.Int(0, (int)extent - 1))]);
        return OperatorSample.Of(d.Real(x), pads).With(("mode", mode)) with { Opset = d.One(11, 13) };
    }

    private static OperatorSample ResizeOf11(Draw d)
    {
        OperatorSample sample = Resize(d);
        Operand none = Operand.Stored(Tensor.Of<float>([0]));
        bool byScales = sample.Operands.Length == 3;
        Operand?[] operands = [sample.Operands[0], none, byScales ? sample.Operands[2] : none, .. sample.Operands[3..]];
        return new OperatorSample(operands, sample.Attributes) { Opset = 11 };
    }

    /// <summary>sizes = [Shape(x)[0:2], ⌈⌊height · s⌋ + 1/2⌉, …], as torchscript writes a recomputed scale factor.</summary>
    private static OperatorSample ResizeByScaledExtents(Draw d)
    {
        float scale = d.One(0.5f, 0.7f, 1.5f);
        return OperatorSample.Around((op, v) =>
        {
            Value extents = op.Slice(op.Shape(v[0]), [0], [2], [4]);
            Value scaled = op.Op("Floor", [op.Cast(extents, ElementType.Float) * Floats(op, scale)]);
            Value sizes = op.Concat(0, op.Slice(op.Shape(v[0]), [0], [0], [2]),
                op.Cast(op.Op("Ceil", [scaled + Floats(op, 0.5f)]), ElementType.Int64));
            return op.Op("Resize", [v[0], null, null, sizes], ("mode", "linear"));
        }, d.Real(d.Int(1, 2), 2, d.Int(1, 4), d.Int(1, 4)) with { IsStatic = true });
    }
}
