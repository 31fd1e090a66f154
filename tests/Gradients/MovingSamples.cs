using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Random instances of operators that move elements.</summary>
internal static partial class OperatorRows
{
    private static OperatorSample Transpose(Draw d)
    {
        long[] x = d.Shape(1, 4);
        OperatorSample sample = OperatorSample.Of(d.Real(x));
        return d.Flip() ? sample : sample.With(("perm", d.Permutation(x.Length)));
    }

    private static OperatorSample TopK(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        OperatorSample sample = OperatorSample.Of(d.Apart(x), Operand.Ints(d.Int(1, (int)x[axis])));
        (string, object) signed = ("axis", d.Flip() ? axis : axis - x.Length);
        return sample.With(signed, ("largest", d.Int(0, 1)), ("sorted", d.Int(0, 1))) with { Outputs = 2 };
    }

    private static OperatorSample PadAround(Draw d)
    {
        long[] x = [.. d.Shape(1, 3).Select(extent => extent + 1)];
        return OperatorSample.Of(d.Real(x), Operand.Ints([.. x.Concat(x).Select(extent => (long)d.Int(0, (int)extent))])).With(("mode", "wrap"));
    }

    private static OperatorSample Concat(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        return OperatorSample.Of(
            [.. Enumerable.Range(0, d.Int(1, 3)).Select(_ => d.Real([.. x.Select((extent, i) => i == axis ? d.Int(1, 3) : extent)]))])
            .With(("axis", d.Flip() ? axis : axis - x.Length));
    }

    private static OperatorSample Split(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        long[] lengths = Ints(d, d.Int(1, 3), 1, 2);
        x[axis] = lengths.Sum();
        return OperatorSample.Of(d.Real(x), Operand.Ints(lengths)).With(("axis", axis)) with { Outputs = lengths.Length };
    }

    private static OperatorSample Slice(Draw d)
    {
        long[] x = [.. d.Shape(1, 3).Select(extent => extent + 1)];
        long[] axes = d.Axes(x.Length);
        long[] steps = [.. axes.Select(_ => d.Flip() ? 1L : d.One(-1L, 2L, -2L))];
        long[] starts = [.. axes.Select((axis, i) => steps[i] > 0 ? d.Int(0, (int)x[axis] - 1) - (d.Flip() ? x[axis] : 0) : -1)];
        long[] ends = [.. axes.Select((axis, i) => steps[i] > 0 ? long.MaxValue : -d.Int(2, (int)x[axis] + 1))];
        return OperatorSample.Of(d.Real(x), Operand.Ints(starts), Operand.Ints(ends),
            Operand.Ints(axes), steps.All(step => step == 1) && d.Flip() ? null : Operand.Ints(steps));
    }

    private static OperatorSample Pad(Draw d)
    {
        long[] x = [.. d.Shape(1, 3).Select(extent => extent + 1)];
        string mode = d.One("constant", "reflect", "edge");
        long[] axes = d.Axes(x.Length);
        long[] pads = [.. axes.Concat(axes)
            .Select(axis => mode == "constant" && d.Int(0, 3) == 0 ? -1L : d.Int(0, mode == "reflect" ? (int)x[axis] - 1 : 2))];
        for (int i = 0; i < axes.Length; i++)
            if (pads[i] + pads[i + axes.Length] + x[axes[i]] <= 0) pads[i] = 0;
        return OperatorSample.Of(d.Real(x), Operand.Ints(pads), null, Operand.Ints(axes)).With(("mode", mode));
    }

    private static OperatorSample Gather(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        return OperatorSample.Of(d.Real(x), Operand.Fixed(d.Indices(-x[axis], x[axis], d.Shape(0, 2))))
            .With(("axis", d.Flip() ? axis : axis - x.Length));
    }

    private static OperatorSample GatherND(Draw d)
    {
        long[] x = d.Shape(2, 4, 3);
        int batch = d.Int(0, 1), depth = d.Int(1, x.Length - batch);
        return OperatorSample.Of(d.Real(x), Operand.Fixed(Positions(d, x, [.. x.Take(batch), .. d.Shape(0, 2, 3)], batch, depth)))
            .With(("batch_dims", batch));
    }

    /// <summary>Index tuples [outer…, depth] into axes batch, batch + 1, ….</summary>
    private static Tensor Positions(Draw d, long[] x, long[] outer, int batch, int depth) => Tensor.Of(
        [.. outer, depth],
        [.. Enumerable.Range(0, Draw.Count(outer)).SelectMany(_ => Enumerable.Range(batch, depth).Select(axis => (long)d.Int(0, (int)x[axis] - 1)))]);

    private static OperatorSample ScatterElements(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int axis = d.Int(0, x.Length - 1);
        bool adds = d.Flip();
        long[] updates = [.. x.Select((extent, i) => i == axis && !adds ? 1 : (long)d.Int(1, (int)extent))]; // overwriting twice is not defined
        return OperatorSample.Of(d.Real(x), Operand.Fixed(d.Indices(-x[axis], x[axis], updates)), d.Real(updates))
            .With(("axis", axis), ("reduction", adds ? "add" : "none"));
    }

    private static OperatorSample ScatterND(Draw d)
    {
        long[] x = d.Shape(1, 3);
        int depth = d.Int(1, x.Length);
        bool adds = d.Flip();
        long[] outer = adds ? d.Shape(1, 2, 3) : [1];
        return OperatorSample.Of(d.Real(x), Operand.Fixed(Positions(d, x, outer, 0, depth)), d.Real([.. outer, .. x[depth..]]))
            .With(("reduction", adds ? "add" : "none"));
    }
}
