using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Random instances of the operators that need more than a line.</summary>
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

    private static OperatorSample MatMul(Draw d)
    {
        (long m, long k, long n) = (d.Int(1, 3), d.Int(1, 4), d.Int(1, 3));
        (long[] a, long[] b) = Broadcast(d);
        return d.Int(0, 5) switch
        {
            0 => OperatorSample.Of(d.Real(k), d.Real([.. b, k, n])),
            1 => OperatorSample.Of(d.Real([.. a, m, k]), d.Real(k)),
            2 => OperatorSample.Of(d.Real([.. a, m, k]), d.Real(k, n)),
            3 => OperatorSample.Of(d.Real(k), d.Real(k)),
            _ => OperatorSample.Of(d.Real([.. a, m, k]), d.Real([.. b, k, n])),
        };
    }

    private static OperatorSample Gemm(Draw d)
    {
        (long m, long k, long n) = (d.Int(1, 4), d.Int(1, 4), d.Int(1, 4));
        (bool transA, bool transB) = (d.Flip(), d.Flip());
        Operand a = transA ? d.Real(k, m) : d.Real(m, k), b = transB ? d.Real(n, k) : d.Real(k, n);
        Operand? c = d.Flip() ? d.Real(d.Narrower([m, n])) : null;
        return OperatorSample.Of(a, b, c).With(("transA", transA), ("transB", transB), ("alpha", d.One(1f, 0.5f)), ("beta", d.One(1f, 2f)));
    }

    private static OperatorSample Einsum(Draw d)
    {
        string[] equation = d.One<string[]>(["ij,jk->ik"], ["bij,bjk->bik"], ["bhid,bhjd->bhij"], ["i,j->ij"],
            ["ij->i"], ["ij->ji"], ["ijk,k->ij"], ["ij,ij->"], ["ij,jk"], ["bi,oij,bj->bo"], ["ij,k->i"]);
        Dictionary<char, long> extents = equation[0].Where(char.IsLetter).Distinct().ToDictionary(label => label, _ => (long)d.Int(1, 3));
        string[] terms = equation[0].Split("->")[0].Split(',');
        return OperatorSample.Of([.. terms.Select(term => d.Real([.. term.Select(label => extents[label])]))]).With(("equation", equation[0]));
    }

    /// <summary>The ellipsis stands for up to two axes, the same in all operands: ONNX's shape inference refuses different ranks.</summary>
    private static OperatorSample EinsumWithEllipsis(Draw d)
    {
        string equation = d.One("...ij,...jk->...ik", "...i,ij->...j", "b...d,bd->b...",
            "...ij->...ji", "...i,...i->...", "i...,i...->...", "...ij->...i", "h...,j->jh...");
        Dictionary<char, long> extents = equation.Where(char.IsLetter).Distinct().ToDictionary(label => label, _ => (long)d.Int(1, 3));
        long[] wide = d.Shape(0, 2, 3);
        string[] terms = equation.Split("->")[0].Split(',');
        return OperatorSample.Of([.. terms.Select(term => d.Real(Fill(term, wide)))]).With(("equation", equation));

        long[] Fill(string term, long[] rest) => [.. term.Split("...")[0].Select(label => extents[label]),
            .. term.Contains('.') ? rest : [], .. string.Concat(term.Split("...").Skip(1)).Select(label => extents[label])];
    }

    /// <summary>[N, C, spatial…] of one to three spatial axes.</summary>
    private static long[] Images(Draw d) => [d.Int(1, 3), d.Int(1, 3), .. Enumerable.Range(0, d.Int(1, 3)).Select(_ => (long)d.Int(2, 3))];

    private static OperatorSample Conv(Draw d)
    {
        int rank = d.Int(1, 3);
        (long groups, long[] kernel, long[] dilations) = (d.Int(1, 2), Ints(d, rank, 1, 3), Ints(d, rank, 1, 2));
        long[] x = [d.Int(1, 2), groups * d.Int(1, 2), .. kernel.Select((k, i) => ((k - 1) * dilations[i]) + d.Int(1, 3))];
        long outputs = groups * d.Int(1, 2);
        (string, object)[] attributes = [("kernel_shape", kernel), ("dilations", dilations), ("strides", Ints(d, rank, 1, 2)), ("group", groups)];
        // SAME with dilations has no kernel
        string[] automatic = dilations.All(dilation => dilation == 1) ? ["SAME_UPPER", "SAME_LOWER", "VALID"] : ["VALID"];
        attributes = d.Int(0, 2) == 0 ? [.. attributes, ("auto_pad", d.One(automatic))] : [.. attributes, ("pads", Ints(d, 2 * rank, 0, 1))];
        return OperatorSample.Of(d.Real(x), d.Real([outputs, x[1] / groups, .. kernel]) with { IsStatic = true },
            d.Flip() ? d.Real(outputs) : null).With(attributes);
    }

    private static OperatorSample ConvTranspose(Draw d)
    {
        int rank = d.Int(1, 3);
        (long groups, long[] kernel, long[] strides) = (d.Int(1, 2), Ints(d, rank, 2, 3), Ints(d, rank, 1, 3));
        long[] x = [d.Int(1, 2), groups * d.Int(1, 2), .. Ints(d, rank, 2, rank == 3 ? 2 : 3)];
        long outputs = d.Int(1, 2);
        (string, object)[] attributes = [("kernel_shape", kernel), ("strides", strides), ("group", groups), ("dilations", Ints(d, rank, 1, 2)),
            ("output_padding", strides.Select(stride => (long)d.Int(0, (int)stride - 1)).ToArray()), ("pads", Ints(d, 2 * rank, 0, 1))];
        return OperatorSample.Of(d.Real(x), d.Real([x[1], outputs, .. kernel]) with { IsStatic = true },
            d.Flip() ? d.Real(groups * outputs) : null).With(attributes);
    }

    /// <summary>Its pads follow from auto_pad or from output_shape.</summary>
    private static OperatorSample ConvTransposeToShape(Draw d)
    {
        int rank = d.Int(1, 2);
        (long[] kernel, long[] strides, long[] spatial) = (Ints(d, rank, 2, 3), Ints(d, rank, 1, 2), Ints(d, rank, 2, 3));
        long[] x = [d.Int(1, 2), d.Int(1, 2), .. spatial];
        long outputs = d.Int(1, 2);
        (string, object)[] attributes = [("kernel_shape", kernel), ("strides", strides), ("auto_pad", d.One("SAME_UPPER", "SAME_LOWER", "VALID"))];
        if (d.Int(0, 3) == 0) attributes = [("kernel_shape", kernel), ("strides", strides),
            ("output_shape", spatial.Select((extent, i) => (strides[i] * (extent - 1)) + kernel[i] - d.Int(0, 1)).ToArray())];
        return OperatorSample.Of(d.Real(x) with { IsStatic = true },
            d.Real([x[1], outputs, .. kernel]) with { IsStatic = true }, d.Flip() ? d.Real(outputs) : null).With(attributes);
    }

    private static OperatorSample AutomaticPool(Draw d, bool kinked)
    {
        int rank = d.Int(1, 3);
        long[] kernel = Ints(d, rank, 1, 3);
        // beyond the kernel ONNX Runtime cuts the input, which is refused
        long[] strides = [.. kernel.Select(k => (long)d.Int(1, (int)Math.Min(k, 2)))];
        long[] x = [d.Int(1, 2), d.Int(1, 2), .. kernel.Select(k => k + d.Int(0, 2))];
        return OperatorSample.Of(kinked ? d.Apart(x, 0) : d.Real(x))
            .With(("kernel_shape", kernel), ("strides", strides), ("auto_pad", d.One("SAME_UPPER", "SAME_LOWER", "VALID")));
    }

    private static OperatorSample DilatedPool(Draw d, bool kinked)
    {
        int rank = d.Int(1, 2);
        (long[] kernel, long[] dilations) = (Ints(d, rank, 2, 3), Ints(d, rank, 1, 2));
        long[] x = [d.Int(1, 2), d.Int(1, 2), .. kernel.Select((k, i) => ((k - 1) * dilations[i]) + d.Int(1, 3))];
        return OperatorSample.Of(kinked ? d.Apart(x, 0) : d.Real(x))
            .With(("kernel_shape", kernel), ("dilations", dilations), ("strides", Ints(d, rank, 1, 2)), ("pads", Ints(d, 2 * rank, 0, 1)));
    }

    private static OperatorSample Pool(Draw d, bool kinked, bool ceil = true)
    {
        int rank = d.Int(1, 3);
        (long[] kernel, long[] strides) = (Ints(d, rank, 1, 3), Ints(d, rank, 1, 2));
        long[] x = [d.Int(1, 2), d.Int(1, 2), .. kernel.Select(k => k + d.Int(1, 3))];
        ceil = ceil && d.Flip();
        // With pads or gaps between windows, ONNX Runtime's shape inference and its kernels disagree about a last window outside the image.
        if (ceil) strides = [.. strides.Zip(kernel, Math.Min)];
        long[] half = [.. kernel.Select(k => ceil ? 0L : d.Int(0, (int)k / 2))];
        return OperatorSample.Of(kinked ? d.Apart(x, 0) : d.Real(x))
            .With(("kernel_shape", kernel), ("strides", strides), ("pads", (long[])[.. half, .. half]), ("ceil_mode", ceil));
    }

    private static long[] Ints(Draw d, int count, int low, int high) => [.. Enumerable.Range(0, count).Select(_ => (long)d.Int(low, high))];

    private static OperatorSample BatchNorm(Draw d)
    {
        long[] x = [d.Int(2, 3), d.Int(1, 3), .. Ints(d, d.Int(1, 2), 2, 3)];
        return OperatorSample.Of(d.Real(x), d.Real(x[1]), d.Real(x[1]), Operand.Fixed(d.Values(-1, 1, x[1])), Operand.Fixed(d.Values(0.5, 1, x[1])))
            .With(("epsilon", 0.1f), ("momentum", 0.9f), ("training_mode", 1)) with
        { Outputs = 5 };
    }

    private static OperatorSample LayerNorm(Draw d)
    {
        long[] x = [.. d.Shape(0, 2), d.Int(2, 4)];
        int axis = d.Int(0, x.Length - 1);
        OperatorSample sample = OperatorSample.Of(d.Real(x), d.Real(x[axis..]), d.Flip() ? d.Real(x[axis..]) : null);
        return sample.With(("axis", d.Flip() ? axis : axis - x.Length), ("epsilon", 0.1f)) with { Outputs = 3 };
    }

    private static OperatorSample FrozenBatchNorm(Draw d)
    {
        long[] x = Images(d);
        return OperatorSample.Of(d.Real(x), d.Real(x[1]), d.Real(x[1]), d.Real(x[1]), d.Positive(x[1]));
    }

    private static OperatorSample InstanceNorm(Draw d)
    {
        long[] x = Images(d);
        return OperatorSample.Of(d.Real(x), d.Real(x[1]), d.Real(x[1])).With(("epsilon", 0.1f));
    }

    private static OperatorSample LocalResponse(Draw d) =>
        OperatorSample.Of(d.Real([d.Int(1, 2), d.Int(1, 6), d.Int(1, 3), d.Int(1, 3)]))
            .With(("size", d.One(1, 3, 5)), ("alpha", 0.5f), ("beta", 0.75f), ("bias", 1.2f));

    /// <param name="d">The draw.</param>
    /// <param name="perGroup">Scale and bias are per group, as before opset 21.</param>
    private static OperatorSample GroupNorm(Draw d, bool perGroup = false)
    {
        long groups = d.Int(1, 3);
        long[] x = [d.Int(1, 2), groups * d.Int(1, 2), .. Ints(d, d.Int(1, 2), 2, 3)];
        long scales = perGroup ? groups : x[1];
        return OperatorSample.Of(d.Real(x), d.Real(scales), d.Real(scales)).With(("num_groups", groups), ("epsilon", 0.1f));
    }

    private static OperatorSample Reduce(Draw d, Func<long[], Operand> operand)
    {
        long[] x = d.Shape(1, 4, 3);
        (string, object)[] attributes = [("keepdims", d.Int(0, 1)), ("noop_with_empty_axes", 0)];
        return (d.Int(0, 3) == 0 ? OperatorSample.Of(operand(x))
            : OperatorSample.Of(operand(x), Operand.Ints([.. d.Axes(x.Length).Select(axis => d.Flip() ? axis : axis - x.Length)]))).With(attributes);
    }

    private static OperatorSample Squeeze(Draw d)
    {
        long[] x = [.. d.Shape(0, 2), 1, .. d.Shape(0, 2)];
        long[] ones = [.. Enumerable.Range(0, x.Length).Where(axis => x[axis] == 1).Select(axis => (long)axis)];
        return d.Int(0, 2) == 0 ? OperatorSample.Of(d.Real(x))
            : OperatorSample.Of(d.Real(x), Operand.Ints([ones[0], .. ones.Skip(1).Where(_ => d.Flip())]));
    }

    private static OperatorSample Resize(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(1, 4), d.Int(1, 4)];
        string mode = d.One("nearest", "linear");
        (string, object)[] attributes = [("mode", mode), ("nearest_mode", d.One("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")),
            ("coordinate_transformation_mode", d.One("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"))];
        return (d.Flip()
            ? OperatorSample.Of(d.Real(x), null, Operand.Stored(Tensor.Vector(1f, 1f, d.One(0.6f, 1.5f, 2f, 3f), d.One(0.6f, 1.5f, 2f))))
            : OperatorSample.Of(d.Real(x) with { IsStatic = true }, null, null, Operand.Ints(x[0], x[1], d.Int(1, 6), d.Int(1, 6)))).With(attributes);
    }

    private static readonly string[] Coordinates = ["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"];

    private static OperatorSample ResizeOfVolume(Draw d)
    {
        long[] x = [1, d.Int(1, 2), d.Int(1, 3), d.Int(1, 3), d.Int(1, 3)];
        return OperatorSample.Of(d.Real(x) with { IsStatic = true }, null, null, Operand.Ints(x[0], x[1], d.Int(1, 4), d.Int(1, 4), d.Int(1, 4)))
            .With(("mode", d.One("nearest", "linear")), ("nearest_mode", "floor"), ("coordinate_transformation_mode", d.One(Coordinates)));
    }

    private static OperatorSample ResizeByAxes(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(2, 4), d.Int(2, 4)];
        (string, object)[] attributes = [("mode", d.One("nearest", "linear")),
            ("coordinate_transformation_mode", d.One(Coordinates)), ("axes", (long[])[2, 3])];
        return d.Flip()
            ? OperatorSample.Of(d.Real(x), null, Operand.Stored(Tensor.Vector(d.One(0.5f, 2f), 2f))).With(attributes)
            : OperatorSample.Of(d.Real(x) with { IsStatic = true }, null, null, Operand.Ints(d.Int(1, 6), d.Int(1, 6))).With(attributes);
    }

    private static OperatorSample ResizeCubic(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(2, 6), d.Int(2, 6)];
        (string, object)[] attributes = [("mode", "cubic"), ("cubic_coeff_a", d.One(-0.75f, -0.5f)),
            ("exclude_outside", d.Int(0, 1)), ("coordinate_transformation_mode", d.One(Coordinates))];
        return (d.Flip()
            ? OperatorSample.Of(d.Real(x), null, Operand.Stored(Tensor.Vector(1f, 1f, d.One(0.6f, 1.5f, 2f, 3f), d.One(0.6f, 1.5f, 2f))))
            : OperatorSample.Of(d.Real(x) with { IsStatic = true }, null, null, Operand.Ints(x[0], x[1], d.Int(1, 8), d.Int(1, 8)))).With(attributes);
    }

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
