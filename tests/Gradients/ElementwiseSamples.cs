using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Random instances of operators on elements, and of those that sum them.</summary>
internal static partial class OperatorRows
{
    private static OperatorSample Unary(Draw d) => OperatorSample.Of(d.Real(d.Shape(0, 3)));

    private static OperatorSample UnaryPositive(Draw d) => OperatorSample.Of(d.Positive(d.Shape(0, 3)));

    private static OperatorSample UnaryWithin(Draw d, double low, double high) => OperatorSample.Of(new Operand(d.Values(low, high, d.Shape(0, 3))));

    private static OperatorSample Kinked(Draw d, params double[] kinks) => OperatorSample.Of(d.Apart(d.Shape(0, 3), kinks));

    private static OperatorSample WithAxis(Draw d)
    {
        long[] x = d.Shape(1, 4);
        return OperatorSample.Of(d.Real(x)).With(("axis", d.Axis(x.Length)));
    }

    /// <summary>Two shapes that broadcast against each other, either one the wider or each in part.</summary>
    private static (long[] A, long[] B) Broadcast(Draw d)
    {
        long[] wide = d.Shape(0, 4, 3);
        long[] narrow = d.Narrower(wide);
        return d.Int(0, 2) switch
        {
            0 => (wide, narrow),
            1 => (narrow, wide),
            _ => ([.. wide.Select((extent, i) => i % 2 == 0 ? 1 : extent)], [.. wide.Select((extent, i) => i % 2 == 1 ? 1 : extent)]),
        };
    }

    private static OperatorSample Binary(Draw d)
    {
        (long[] a, long[] b) = Broadcast(d);
        return OperatorSample.Of(d.Real(a), d.Real(b));
    }

    private static OperatorSample Several(Draw d)
    {
        long[] wide = d.Shape(1, 3);
        return OperatorSample.Of([d.Real(wide), .. Enumerable.Range(0, d.Int(0, 3)).Select(_ => d.Real(d.Narrower(wide)))]);
    }

    /// <summary>One operand moved by half a grid step, so that no two are equal.</summary>
    private static OperatorSample Extremum(Draw d)
    {
        (long[] a, long[] b) = Broadcast(d);
        Operand left = d.Apart(a);
        Operand right = d.Apart(b);
        return OperatorSample.Of(left, right with { Tensor = Shift(right.Tensor, 0.03) });
    }

    private static Tensor Shift(Tensor tensor, double by) => tensor.Type == ElementType.Double
        ? Tensor.Of(tensor.Dims, [.. tensor.ToDouble().Select(x => x + by)])
        : Tensor.Of(tensor.Dims, [.. tensor.ToDouble().Select(x => (float)(x + by))]);

    private static Tensor Zeroed(Draw d, long[] dims) =>
        Tensor.Of(dims, [.. d.Values(-2, 2, dims).ToDouble().Select(x => d.Int(0, 2) == 0 ? 0f : (float)x)]);

    private static OperatorSample Where(Draw d)
    {
        (long[] a, long[] b) = Broadcast(d);
        return OperatorSample.Of(Operand.Fixed(d.Bools(d.Narrower(d.Flip() ? a : b))), d.Real(a), d.Real(b));
    }

    private static OperatorSample PRelu(Draw d)
    {
        long[] x = d.Shape(1, 4);
        return OperatorSample.Of(d.Apart(x, 0), d.Real(d.Narrower(x)));
    }

    private static OperatorSample Clip(Draw d) =>
        OperatorSample.Of(d.Apart(d.Shape(0, 3), -0.5, 0.8), d.Flip() ? Operand.Stored(d.Scalar(-0.5)) : null,
            d.Flip() ? Operand.Stored(d.Scalar(0.8)) : null);

    private static OperatorSample Reduce(Draw d, Func<long[], Operand> operand)
    {
        long[] x = d.Shape(1, 4, 3);
        (string, object)[] attributes = [("keepdims", d.Int(0, 1)), ("noop_with_empty_axes", 0)];
        return (d.Int(0, 3) == 0 ? OperatorSample.Of(operand(x))
            : OperatorSample.Of(operand(x), Operand.Ints([.. d.Axes(x.Length).Select(axis => d.Flip() ? axis : axis - x.Length)]))).With(attributes);
    }

    /// <summary>The axes are known when the graph runs, not before.</summary>
    private static OperatorSample FedAxes(OperatorSample sample) =>
        sample.Operands is [var x, { } axes] ? sample with { Operands = [x, axes with { IsStored = false }] } : sample;

    private static OperatorSample Squeeze(Draw d)
    {
        long[] x = [.. d.Shape(0, 2), 1, .. d.Shape(0, 2)];
        long[] ones = [.. Enumerable.Range(0, x.Length).Where(axis => x[axis] == 1).Select(axis => (long)axis)];
        return d.Int(0, 2) == 0 ? OperatorSample.Of(d.Real(x))
            : OperatorSample.Of(d.Real(x), Operand.Ints([ones[0], .. ones.Skip(1).Where(_ => d.Flip())]));
    }
}
