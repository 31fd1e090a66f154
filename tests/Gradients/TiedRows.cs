using GraphRewrite.IR;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>
/// Extrema that two elements share. The central difference of max(x, x) is ½, what PyTorch shares out to each in maximum and amax.
/// </summary>
internal static partial class OperatorRows
{
    private static OperatorRow[] Tied =>
    [
        new("Max", d => { Operand x = d.Real(d.Shape(0, 3)); return OperatorSample.Of(x, x); }, Float64, "ties"),
        new("Min", d => { Operand x = d.Real(d.Shape(0, 3)); return OperatorSample.Of(x, x); }, Float64, "ties"),
        new("ReduceMax", d => OperatorSample.Of(Pairs(d, d.Shape(0, 2)), Operand.Ints(-1)), Float64, "ties"),
        new("ReduceMin", d => OperatorSample.Of(Pairs(d, d.Shape(0, 2)), Operand.Ints(-1)), Float64, "ties"),
        new("GlobalMaxPool", d => OperatorSample.Of(Pairs(d, [d.Int(1, 3), d.Int(1, 3)])), Float32, "ties"),
        new("ScatterElements", d =>
        {
            Operand x = d.Real(d.Int(1, 4));
            Tensor places = Tensor.Vector([.. Enumerable.Range(0, (int)x.Tensor.Length).Select(i => (long)i)]);
            return OperatorSample.Of(x, Operand.Fixed(places), x).With(("reduction", d.One("max", "min")));
        }, Float64, "ties"),
    ];

    /// <summary>[…, 2]: each value twice.</summary>
    private static Operand Pairs(Draw d, long[] dims)
    {
        double[] twice = [.. d.Values(-2, 2, dims).ToDouble().SelectMany(value => new[] { value, value })];
        Tensor flat = d.Vector(twice);
        return new(new Tensor(flat.Type, [.. dims, 2], flat.Data));
    }
}
