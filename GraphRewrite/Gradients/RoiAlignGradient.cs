using GraphRewrite.IR;
using GraphRewrite.IR.Building;
using GraphRewrite.NormalForm.Expansions;

namespace GraphRewrite.Gradients;

/// <summary>
/// Y [R, C, oh, ow] = RoiAlign(X [N, C, H, W], rois [R, 4], examples [R]): the mean over s × s places of a bin, each read bilinearly.
/// dX = what each place sends to its four neighbours, added up; nothing flows to the regions, as in torchvision.
/// </summary>
internal static class RoiAlignGradient
{
    public static IReadOnlyList<Value?> Build(OpBuilder op, Node n, Value dY)
    {
        if (n.String("mode", "avg") != "avg") throw n.Refuse("mode=max has no gradient here", "Export with mode avg");
        Value x = n.In(0), rois = n.In(1);
        (Value height, Value width) = (op.Extent(x, 2), op.Extent(x, 3));
        Tap[] y = Along(op, n, rois, 1, n.Int("output_height", 1), height), xs = Along(op, n, rois, 0, n.Int("output_width", 1), width);

        // [R, oh, s, ow, s]: rows of X, and what each gets of dY.
        Value start = op.Unsqueeze(op.Cast(n.In(2), ElementType.Int64) * height * width, 1, 2, 3, 4);
        Value each = op.Unsqueeze(op.Transpose(dY, 0, 2, 3, 1), 2, 4); // [R, oh, 1, ow, 1, C]
        Value rows = Sampling.Rows(op, x), dRows = op.ZerosLike(rows);
        foreach (Tap row in y)
        {
            foreach (Tap column in xs)
            {
                Value place = (op.Unsqueeze(row.Index, 3, 4) * width) + op.Unsqueeze(column.Index, 1, 2) + start;
                Value weight = op.Unsqueeze(row.Weight!, 3, 4) * op.Unsqueeze(column.Weight!, 1, 2);
                Value sent = each * op.Unsqueeze(weight, 5);
                Value flat = op.Reshape(sent, op.Concat(0, op.Ints(-1), op.Slice(op.Shape(x), [0], [1], [2])));
                dRows = op.Op("ScatterND", [dRows, op.Reshape(place, -1, 1), flat], ("reduction", "add"));
            }
        }
        Value extents = op.Shape(x);
        Value channelsLast = op.Concat(0, op.Slice(extents, [0], [0], [1]), op.Ints(-1), op.Slice(extents, [0], [1], [2]));
        return [op.Reshape(op.Transpose(op.Reshape(dRows, channelsLast), 0, 2, 1), extents)];
    }

    /// <summary>The taps of all places along an axis, [R, bins, s], their weights divided by the s of the region.</summary>
    private static Tap[] Along(OpBuilder op, Node n, Value rois, int coordinate, long bins, Value extent)
    {
        bool isHalfPixel = n.String("coordinate_transformation_mode", "half_pixel") == "half_pixel";
        Value scale = op.ScalarLike(rois, n.Float("spatial_scale", 1)), one = op.ScalarLike(rois, 1);
        Value begin = Corner(coordinate), length = Corner(coordinate + 2) - begin; // [R]
        if (!isHalfPixel) length = op.Op("Max", [length, one]);
        Value bin = length / op.ScalarLike(rois, bins);

        // s, or ⌈the bin⌉ of each region: then as many places as the largest has, of which only its own count.
        long ratio = n.Int("sampling_ratio", 0);
        Value own = ratio > 0 ? op.ScalarLike(rois, ratio) : op.Op("Max", [op.Op("Ceil", [bin]), one]);
        Value count = ratio > 0 ? Sampling.Long(op, ratio)
            : op.Cast(op.Op("ReduceMax", [own], ("keepdims", 0)), ElementType.Int64);
        if (ratio <= 0) own = op.Unsqueeze(own, 1, 2); // [R, 1, 1]
        Value i = op.Cast(op.Range(count), rois.Type.FloatIfUndefined()); // [s]
        Value within = (i + op.ScalarLike(rois, 0.5)) / own;
        Value whole = op.Unsqueeze(op.Cast(op.Ints(Axes.Range(0, (int)bins)), rois.Type.FloatIfUndefined()), 1); // [bins, 1]
        Value at = op.Unsqueeze(begin, 1, 2) + ((whole + within) * op.Unsqueeze(bin, 1, 2)); // [R, bins, s]

        Value e = op.Cast(extent, at.Type.FloatIfUndefined());
        Value counts = op.Op("And", [op.Compare("GreaterOrEqual", at, -1), op.Op("LessOrEqual", [at, e])]);
        if (ratio <= 0) counts = op.Op("And", [counts, op.Op("Less", [i, own])]);
        Value share = op.Indicator(counts, at) / own;
        Value place = op.Op("Clip", [at, op.ScalarLike(at, 0), e - one]);
        return [.. Sampling.Linear(op, place, extent, Sampling.Border).Select(tap => tap with { Weight = tap.Weight! * share })];

        Value Corner(int at)
        {
            Value corner = op.Gather(rois, Sampling.Long(op, at), axis: 1) * scale;
            return isHalfPixel ? corner - op.ScalarLike(rois, 0.5) : corner;
        }
    }
}
