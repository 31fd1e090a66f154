using GraphRewrite.IR;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>What ONNX Runtime's optimizer writes, and operators whose samples need more than a line.</summary>
internal static partial class OperatorRows
{
    private static OperatorRow[] Expanded =>
    [
        new("SimplifiedLayerNormalization", d => Fused(RmsNorm(d)), Float32, "normalized"),
        new("com.microsoft::SkipLayerNormalization", SkipNorm, Float32, "normalized"),
        new("com.microsoft::SkipSimplifiedLayerNormalization", SkipSimplifiedNorm, Float32, "normalized"),
        new("com.microsoft::FusedMatMul", FusedMatMul, Float32, "normalized"),
        new("com.microsoft::FusedGemm", FusedGemm, Float32, "normalized"),
        new("com.microsoft::FusedConv", FusedConv, Float32, "normalized"),
        new("com.microsoft::MultiHeadAttention", MultiHeadAttention, Float32, "normalized"),
    ];

    /// <summary>Through the normal form, though it is written in its opset.</summary>
    private static OperatorSample Fused(OperatorSample sample) => sample with { Opset = 20 };

    private static OperatorSample SkipNorm(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 3), d.Int(2, 4)];
        bool isBiased = d.Flip();
        Operand?[] operands = [d.Real(x), d.Real(x), d.Real(x[2]), d.Flip() || isBiased ? d.Real(x[2]) : null, isBiased ? d.Real(x[2]) : null];
        return Fused(OperatorSample.Of(operands).With(("epsilon", 0.1f)));
    }

    private static OperatorSample SkipSimplifiedNorm(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 3), d.Int(2, 4)];
        return Fused(OperatorSample.Of(d.Real(x), d.Real(x), d.Real(x[2]), d.Flip() ? d.Real(x[2]) : null).With(("epsilon", 0.1f)));
    }

    private static OperatorSample FusedMatMul(Draw d)
    {
        (long b, long m, long k, long n) = (d.Int(1, 3), d.Int(1, 3), d.Int(1, 3), d.Int(1, 3));
        (bool transA, bool transB, bool batchA) = (d.Flip(), d.Flip(), d.Flip());
        long[] a = transA ? [b, k, m] : [b, m, k];
        if (batchA) a = [a[1], b, a[2]];
        return Fused(OperatorSample.Of(d.Real(a), d.Real(transB ? [b, n, k] : [b, k, n]))
            .With(("transA", transA), ("transB", transB), ("transBatchA", batchA), ("alpha", d.One(1f, 0.5f))));
    }

    private static OperatorSample FusedGemm(Draw d)
    {
        OperatorSample sample = Gemm(d);
        string activation = d.One("Sigmoid", "Tanh", "LeakyRelu");
        return Fused(sample.And(activation == "LeakyRelu" ? [("activation", activation), ("activation_alpha", 1f)] : [("activation", activation)]));
    }

    private static OperatorSample FusedConv(Draw d)
    {
        OperatorSample sample = Conv(d);
        string activation = d.One("Sigmoid", "Tanh");
        Operand bias = sample.Operands[2] ?? d.Real(sample.Operands[1]!.Tensor.Dims[0]);
        return Fused((sample with { Operands = [sample.Operands[0], sample.Operands[1], bias] }).And(("activation", activation)));
    }

    private static OperatorSample MultiHeadAttention(Draw d)
    {
        (long n, long s, long t, long heads) = (d.Int(1, 2), d.Int(1, 3), d.Int(1, 3), d.Int(1, 2));
        (long width, long values) = (d.Int(1, 2), d.Int(1, 2));
        Operand Of(long length, long features) => new(d.Values(-1, 1, n, length, heads * features));
        Operand? bias = d.Flip() ? d.Real(heads * ((2 * width) + values)) : null;
        int[] counts = [.. Enumerable.Range(0, (int)(n * t)).Select(i => i % t == 0 ? 1 : d.Int(0, 1))];
        Operand? mask = d.Flip() ? Operand.Fixed(Tensor.Of([n, t], counts)) : null;
        Operand? scores = d.Flip() ? d.Real(n, heads, s, t) : null;
        return Fused(OperatorSample.Of(Of(s, width), Of(t, width), Of(t, values), bias, mask, scores)
            .With(("num_heads", heads), ("unidirectional", s == t && d.Flip())));
    }

    private static OperatorSample CumProd(Draw d)
    {
        long[] x = d.Shape(1, 3);
        return OperatorSample.Of(d.Real(x), Operand.Stored(Tensor.Scalar(d.Axis(x.Length))))
            .With(("exclusive", d.Int(0, 1)), ("reverse", d.Int(0, 1))) with
        { Opset = 26 };
    }

    /// <summary>A label twice (or thrice) in a term.</summary>
    private static OperatorSample EinsumOfDiagonals(Draw d)
    {
        string equation = d.One("iii->i", "ii->i", "ii->", "iij->ij", "bii->bi", "bii->b", "iji,j->i", "ii,i->i");
        Dictionary<char, long> extents = equation.Where(char.IsLetter).Distinct().ToDictionary(label => label, _ => (long)d.Int(1, 3));
        string[] terms = equation.Split("->")[0].Split(',');
        return OperatorSample.Of([.. terms.Select(term => d.Real([.. term.Select(label => extents[label])]))]).With(("equation", equation));
    }

    /// <summary>Far from singular: its diagonal is larger than the rest of its rows.</summary>
    private static OperatorSample Det(Draw d)
    {
        long size = d.Int(1, 3);
        long[] dims = [.. d.Shape(0, 2, 3), size, size];
        float[] entries = [.. d.Values(-1, 1, dims).ToDouble().Select((x, i) => (float)(i / size % size == i % size ? x + (x < 0 ? -2 : 2) : x))];
        return OperatorSample.Of(new Operand(Tensor.Of(dims, entries)));
    }

    private static OperatorSample ReverseSequence(Draw d)
    {
        long[] x = [d.Int(1, 4), d.Int(1, 4), .. d.Shape(0, 1)];
        int time = d.Int(0, 1);
        return OperatorSample.Of(d.Real(x), Operand.Fixed(d.Indices(1, x[time] + 1, x[1 - time])))
            .With(("time_axis", time), ("batch_axis", 1 - time));
    }

    private static OperatorSample ScatterElementsReduced(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        long[] written = [.. x.Select((extent, i) => i == axis ? d.Int(1, 4) : d.Int(1, (int)extent))];
        string reduction = d.One("mul", "max", "min", "add");
        Operand data = Factors(d, reduction, x), places = Operand.Fixed(d.Indices(-x[axis], x[axis], written));
        return OperatorSample.Of(data, places, Factors(d, reduction, written, shift: 0.03)).With(("axis", axis), ("reduction", reduction));
    }

    private static OperatorSample ScatterNDReduced(Draw d)
    {
        long[] x = d.Shape(1, 3);
        long depth = d.Int(1, x.Length), count = d.Int(1, 4);
        long[] places = [.. Enumerable.Range(0, (int)(count * depth)).Select(i => (long)d.Int(0, (int)x[i % depth] - 1))];
        string reduction = d.One("mul", "max", "min", "add");
        return OperatorSample.Of(Factors(d, reduction, x), Operand.Fixed(Tensor.Of([count, depth], places)),
            Factors(d, reduction, [count, .. x[(int)depth..]], shift: 0.03)).With(("reduction", reduction));
    }

    /// <summary>Zeros among factors; no two equal where the larger is taken.</summary>
    private static Operand Factors(Draw d, string reduction, long[] dims, double shift = 0) => reduction == "mul"
        ? new(Tensor.Of(dims, [.. d.Values(-2, 2, dims).ToDouble().Select(x => d.Int(0, 3) == 0 ? 0 : x)]))
        : d.Apart(dims) is var apart && shift == 0 ? apart : new(Shift(d.Apart(dims).Tensor, shift));
}
