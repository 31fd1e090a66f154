using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Random instances of convolutions, pools and normalizations, and of Resize.</summary>
internal static partial class OperatorRows
{
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
            ("output_shape", spatial.Select((extent, i) => (strides[i] * (extent - 1)) + kernel[i] - d.Int(0, 1)).ToArray()),
            ("output_padding", strides.Select(stride => (long)d.Int(0, (int)stride - 1)).ToArray())];
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
}
