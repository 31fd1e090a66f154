using GraphRewrite.IR;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Resize with filters, and of a part of the image.</summary>
internal static partial class OperatorRows
{
    private static OperatorSample ResizeAntialiased(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(2, 6), d.Int(2, 6)];
        (string, object)[] attributes = [("mode", d.One("linear", "cubic")), ("antialias", 1), ("exclude_outside", d.Int(0, 1)),
            ("coordinate_transformation_mode", d.One("half_pixel", "align_corners", "asymmetric"))];
        return (d.Flip()
            ? OperatorSample.Of(d.Real(x), null, Operand.Stored(Tensor.Vector(1f, 1f, d.One(0.5f, 0.7f, 2f), d.One(0.4f, 1.5f))))
            : OperatorSample.Of(d.Real(x) with { IsStatic = true }, null, null, Operand.Ints(x[0], x[1], d.Int(1, 7), d.Int(1, 7)))).With(attributes);
    }

    /// <summary>About the center of the image, where a scale leaves part of a pixel over.</summary>
    private static OperatorSample ResizeSymmetric(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(2, 5), d.Int(2, 5)];
        return OperatorSample.Of(d.Real(x), null, Operand.Stored(Tensor.Vector(1f, 1f, d.One(0.6f, 1.3f, 2f), d.One(0.7f, 1.6f))))
            .With(("mode", d.One("linear", "cubic")), ("coordinate_transformation_mode", "half_pixel_symmetric"));
    }

    /// <summary>A region that may reach beyond the image.</summary>
    private static OperatorSample ResizeCropped(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(2, 5), d.Int(2, 5)];
        float[] starts = [d.One(0f, 0.2f, -0.3f), d.One(0f, 0.4f)], ends = [d.One(1f, 0.8f, 1.2f), d.One(1f, 0.7f)];
        (long height, long width) = (d.Int(1, 6), d.One(1, d.Int(2, 6)));
        bool namesAxes = d.Flip();
        (Operand region, Operand sizes) = namesAxes
            ? (Operand.Stored(Tensor.Vector([.. starts, .. ends])), Operand.Ints(height, width))
            : (Operand.Stored(Tensor.Vector([0f, 0f, .. starts, 1f, 1f, .. ends])), Operand.Ints(x[0], x[1], height, width));
        OperatorSample sample = OperatorSample.Of(d.Real(x) with { IsStatic = true }, region, null, sizes);
        (string, object)[] axes = namesAxes ? [("axes", new long[] { 2, 3 })] : [];
        return sample.With([("mode", d.One("linear", "nearest")), ("nearest_mode", "floor"),
            ("coordinate_transformation_mode", "tf_crop_and_resize"), .. axes]);
    }
}
