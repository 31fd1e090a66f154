using GraphRewrite.IR;
using static TrActOnnx.Tests.Gradients.Precision;

namespace TrActOnnx.Tests.Gradients;

/// <summary>Operators that read images at places of their own.</summary>
internal static partial class OperatorRows
{
    private static OperatorRow[] OfImages =>
    [
        new("GridSample", d => GridSample(d, d.One("linear", "nearest", "cubic")), Float32, "normalized"),
        new("GridSample", GridSampleOfVolume, Float32, "three axes"),
        new("GridSample", d =>
        {
            OperatorSample sample = GridSample(d, d.One("bilinear", "nearest", "bicubic"));
            return sample with { Opset = 16 };
        }, Float32, "opset 16"),
        new("AffineGrid", AffineGrid, Linear, "normalized"),
        new("RoiAlign", RoiAlign, Linear),
        new("DeformConv", DeformConv, Float32, "normalized"),
        new("Col2Im", Col2Im, Linear),
        new("MaxUnpool", MaxUnpool, Float32),
        new("CenterCropPad", CenterCropPad, Float64, "normalized"),
        new("GlobalLpPool", d => OperatorSample.Of(d.Apart(Images(d), 0)).With(("p", d.Int(1, 3))), Float32),
    ];

    /// <summary>Places apart from the elements, where the interpolation has kinks, by more than a step of the differences.</summary>
    private static OperatorSample GridSample(Draw d, string mode)
    {
        (long n, long c, long h, long w, bool aligned) = (d.Int(1, 2), d.Int(1, 3), d.Int(2, 4), d.Int(2, 4), d.Flip());
        Tensor grid = Grid(d, [n, d.Int(1, 3), d.Int(1, 3), 2], [w, h], aligned);
        return OperatorSample.Of(d.Real(n, c, h, w), new Operand(grid, IsWanted: mode != "nearest")).With(
            ("mode", mode), ("padding_mode", d.One("zeros", "border", "reflection")), ("align_corners", aligned)) with
        { Opset = 20 };
    }

    private static OperatorSample GridSampleOfVolume(Draw d)
    {
        (long n, long depth, long h, long w, bool aligned) = (d.Int(1, 2), d.Int(2, 3), d.Int(2, 3), d.Int(2, 3), d.Flip());
        Tensor grid = Grid(d, [n, d.Int(1, 2), d.Int(1, 2), d.Int(1, 2), 3], [w, h, depth], aligned);
        string mode = d.One("linear", "nearest");
        return OperatorSample.Of(d.Real(n, d.Int(1, 2), depth, h, w), new Operand(grid, IsWanted: mode != "nearest")).With(("mode", mode),
            ("padding_mode", d.One("zeros", "border", "reflection")), ("align_corners", aligned)) with
        { Opset = 20 };
    }

    /// <summary>A third to two thirds of the way from one half of an element to the next, as far as an element and a half outside.</summary>
    private static Tensor Grid(Draw d, long[] dims, long[] extents, bool aligned)
    {
        var places = new float[Draw.Count(dims)];
        for (int i = 0; i < places.Length; i++)
        {
            long extent = extents[i % extents.Length];
            double at = (d.Int(-3, (int)(2 * extent)) * 0.5) + 0.15 + (0.2 * d.Values(0, 1).ToDouble()[0]);
            places[i] = (float)(aligned ? (2 * at / (extent - 1)) - 1 : (((2 * at) + 1) / extent) - 1);
        }
        return Tensor.Of(dims, places);
    }

    private static OperatorSample AffineGrid(Draw d)
    {
        int axes = d.Int(2, 3);
        long n = d.Int(1, 3);
        long[] size = [n, d.Int(1, 2), .. Ints(d, axes, 2, 4)];
        return OperatorSample.Of(d.Real(n, axes, axes + 1), Operand.Ints(size)).With(("align_corners", d.Flip())) with { Opset = 20 };
    }

    /// <summary>Regions within and beyond the image; a given or (0) an adaptive number of places in a bin.</summary>
    private static OperatorSample RoiAlign(Draw d)
    {
        (long n, long c, long h, long w, long rois) = (d.Int(1, 3), d.Int(1, 3), d.Int(3, 6), d.Int(3, 6), d.Int(1, 4));
        var corners = new float[4 * rois];
        for (int i = 0; i < rois; i++)
        {
            double[] drawn = d.Values(-1, 5, 2).ToDouble(), lengths = d.Values(0.5, 6, 2).ToDouble();
            ((float)drawn[0], (float)drawn[1], (float)(drawn[0] + lengths[0]), (float)(drawn[1] + lengths[1])).CopyTo(corners, 4 * i);
        }
        return OperatorSample.Of(d.Real(n, c, h, w), Operand.Fixed(Tensor.Of([rois, 4], corners)), Operand.Fixed(d.Indices(0, n, rois))).With(
            ("output_height", d.Int(1, 3)), ("output_width", d.Int(1, 3)), ("sampling_ratio", d.Int(0, 3)), ("spatial_scale", d.One(1f, 0.5f)),
            ("coordinate_transformation_mode", d.One("half_pixel", "output_half_pixel")));
    }

    private static void CopyTo(this (float A, float B, float C, float D) four, float[] to, int at) =>
        (to[at], to[at + 1], to[at + 2], to[at + 3]) = (four.A, four.B, four.C, four.D);

    /// <summary>Offsets that keep the places apart from the elements.</summary>
    private static OperatorSample DeformConv(Draw d)
    {
        (long groups, long offsetGroups) = (d.Int(1, 2), d.Int(1, 2));
        (long[] kernel, long[] strides, long[] dilations) = (Ints(d, 2, 1, 3), Ints(d, 2, 1, 2), Ints(d, 2, 1, 2));
        long[] x = [d.Int(1, 2), 2 * d.Int(1, 2), .. kernel.Select((k, i) => ((k - 1) * dilations[i]) + d.Int(1, 3))], pads = Ints(d, 4, 0, 1);
        long[] y = [.. kernel.Select((k, i) => ((x[2 + i] + pads[i] + pads[2 + i] - ((k - 1) * dilations[i]) - 1) / strides[i]) + 1)];
        long outputs = groups * d.Int(1, 2), taps = kernel[0] * kernel[1];
        long[] offsets = [x[0], offsetGroups * taps * 2, .. y];
        Tensor offset = Tensor.Of(offsets, [.. d.Values(0.2, 0.8, offsets).ToDouble().Select(part => (float)(part + d.Int(-2, 1)))]);
        Operand[] operands = [d.Real(x) with { IsStatic = true }, d.Real([outputs, x[1] / groups, .. kernel]) with { IsStatic = true }, new(offset)];
        bool isMasked = d.Flip(), isBiased = d.Flip() || isMasked;
        if (isBiased) operands = [.. operands, d.Real(outputs)];
        if (isMasked) operands = [.. operands, d.Real([x[0], offsetGroups * taps, .. y])];
        return OperatorSample.Of(operands).With(("kernel_shape", kernel), ("strides", strides), ("dilations", dilations), ("pads", pads),
            ("group", groups), ("offset_group", offsetGroups)) with
        { Opset = 19 };
    }

    private static OperatorSample Col2Im(Draw d)
    {
        int rank = d.Int(1, 2);
        (int most, int pad) = rank == 2 ? (2, 1) : (1, 0);
        (long[] block, long[] strides, long[] dilations) = (Ints(d, rank, 1, 3), Ints(d, rank, 1, most), Ints(d, rank, 1, most));
        long[] pads = Ints(d, 2 * rank, 0, d.Flip() ? pad : 0);
        long[] image = [.. block.Select((k, i) => ((k - 1) * dilations[i]) + d.Int(1, 3))];
        long windows = block.Select((k, i) => ((image[i] + pads[i] + pads[rank + i] - ((k - 1) * dilations[i]) - 1) / strides[i]) + 1)
            .Aggregate(1L, (product, count) => product * count);
        long channels = d.Int(1, 2) * block.Aggregate(1L, (product, k) => product * k);
        return OperatorSample.Of(d.Real(d.Int(1, 2), channels, windows), Operand.Ints(image), Operand.Ints(block))
            .With([("strides", strides), ("dilations", dilations), .. pads.Any(pad => pad > 0) ? [("pads", pads)] : Array.Empty<(string, object)>()]);
    }

    /// <summary>Each value to a place of its own, in its own window of 2 × 2.</summary>
    private static OperatorSample MaxUnpool(Draw d)
    {
        long[] x = [d.Int(1, 2), d.Int(1, 2), d.Int(1, 3), d.Int(1, 3)];
        (long h, long w) = (x[2], x[3]);
        long[] places = [.. Enumerable.Range(0, Draw.Count(x)).Select(i => Place(i / (h * w), i / w % h, i % w))];
        OperatorSample sample = OperatorSample.Of(d.Real(x), Operand.Fixed(Tensor.Of(x, places)));
        if (d.Flip()) sample = sample with { Operands = [.. sample.Operands, Operand.Ints(x[0], x[1], 2 * h, 2 * w)] };
        return sample.With(("kernel_shape", (long[])[2, 2]), ("strides", (long[])[2, 2]));

        long Place(long plane, long row, long column) => (plane * 4 * h * w) + (((2 * row) + d.Int(0, 1)) * 2 * w) + (2 * column) + d.Int(0, 1);
    }

    private static OperatorSample CenterCropPad(Draw d)
    {
        long[] x = d.Shape(1, 3);
        if (d.Flip()) return OperatorSample.Of(d.Real(x), Operand.Ints(Ints(d, x.Length, 1, 5))) with { Opset = 18 };
        long[] axes = d.Axes(x.Length);
        return OperatorSample.Of(d.Real(x), Operand.Ints(Ints(d, axes.Length, 1, 5))).With(("axes", axes)) with { Opset = 18 };
    }
}
