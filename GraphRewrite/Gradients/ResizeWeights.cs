using GraphRewrite.Diagnostics;
using GraphRewrite.IR;

namespace GraphRewrite.Gradients;

/// <summary>The weights of Resize along one axis: which inputs an output is made from, and by how much (nearest, linear, cubic).</summary>
internal sealed class ResizeWeights
{
    private readonly string mode;
    private readonly string coordinates;
    private readonly string rounding;
    private readonly long input;
    private readonly long output;
    private readonly double scale;
    private readonly double cubicCoefficient;
    private readonly bool excludesOutside;
    private readonly bool antialiases;
    private readonly (double Start, double End) crop;

    /// <param name="n">The Resize node.</param>
    /// <param name="input">The axis before.</param>
    /// <param name="output">The axis after.</param>
    /// <param name="scale">The given scale; null where the extents tell it.</param>
    /// <param name="crop">The part of the axis that tf_crop_and_resize takes, of 1.</param>
    /// <exception cref="GraphRewriteException">The mode has no gradient here.</exception>
    public ResizeWeights(Node n, long input, long output, double? scale, (double Start, double End) crop)
    {
        mode = n.String("mode", "nearest");
        coordinates = n.String("coordinate_transformation_mode", "half_pixel");
        rounding = n.String("nearest_mode", "round_prefer_floor");
        (this.input, this.output, this.scale) = (input, output, scale ?? (double)output / input);
        (cubicCoefficient, excludesOutside) = (n.Float("cubic_coeff_a", -0.75f), n.Int("exclude_outside", 0) != 0);
        if (mode is not ("nearest" or "linear" or "cubic")) throw n.Refuse($"mode={mode} has no gradient here; nearest, linear and cubic have");
        antialiases = n.Int("antialias", 0) != 0 && mode != "nearest";
        this.crop = crop;
        if (coordinates is not
            ("half_pixel" or "pytorch_half_pixel" or "half_pixel_symmetric" or "asymmetric" or "align_corners" or "tf_crop_and_resize"))
            throw n.Refuse($"coordinate_transformation_mode={coordinates} has no gradient here");
    }

    /// <summary>[out, in], row-major.</summary>
    public float[] Matrix()
    {
        var matrix = new float[output * input];
        for (long o = 0; o < output; o++)
        {
            double at = Source(o);
            // Beside the image an output is extrapolation_value.
            if (coordinates == "tf_crop_and_resize" && (at < 0 || at > input - 1)) continue;
            if (antialiases)
            {
                Filter(matrix.AsSpan((int)(o * input), (int)input), at + 0.5);
                continue;
            }
            if (mode == "nearest")
            {
                matrix[(o * input) + Math.Clamp(Nearest(at), 0, input - 1)] = 1;
                continue;
            }
            if (mode == "cubic")
            {
                Cubic(matrix.AsSpan((int)(o * input), (int)input), at);
                continue;
            }
            at = Math.Clamp(at, 0, input - 1);
            long left = Math.Min((long)Math.Floor(at), input - 1);
            long right = Math.Min(left + 1, input - 1);
            matrix[(o * input) + left] += (float)(1 - (at - left));
            matrix[(o * input) + right] += (float)(at - left);
        }
        return matrix;
    }

    /// <summary>Four taps around the place; those outside repeat the border, or are left out and the rest scaled to sum to 1.</summary>
    private void Cubic(Span<float> row, double at)
    {
        long first = (long)Math.Floor(at) - 1;
        (long Tap, double Weight)[] taps = [.. Enumerable.Range(0, 4).Select(i => (first + i, Keys(Math.Abs(at - (first + i)))))];
        if (excludesOutside) taps = [.. taps.Where(tap => tap.Tap >= 0 && tap.Tap < input)];
        double sum = excludesOutside ? taps.Sum(tap => tap.Weight) : 1;
        foreach ((long tap, double weight) in taps) row[(int)Math.Clamp(tap, 0, input - 1)] += (float)(weight / sum);
    }

    /// <summary>
    /// The linear or cubic kernel over pixels around a center (of pixels that begin at 0), stretched by what the image shrinks by, and scaled to sum
    /// to 1: Pillow's, as ONNX Runtime has it.
    /// </summary>
    private void Filter(Span<float> row, double center)
    {
        double stretch = Math.Max(1, 1 / (float)scale), support = (mode == "cubic" ? 2 : 1) * stretch;
        (long first, long end) = ((long)Math.Floor(center - support + 0.5), (long)Math.Floor(center + support + 0.5));
        if (excludesOutside) (first, end) = (Math.Clamp(first, 0, input), Math.Clamp(end, 0, input));
        double[] weights = [.. Axes.Range((int)first, (int)Math.Max(0, end - first)).Select(tap => Kernel(Math.Abs(tap + 0.5 - center) / stretch))];
        double sum = weights.Sum();
        for (int i = 0; i < weights.Length; i++) row[(int)Math.Clamp(first + i, 0, input - 1)] += (float)(weights[i] / (sum == 0 ? 1 : sum));
    }

    private double Kernel(double t) => mode == "cubic" ? t < 2 ? Keys(t) : 0 : Math.Max(0, 1 - t);

    /// <summary>Keys' kernel at distance t ≤ 2: (a + 2)t³ − (a + 3)t² + 1 up to 1, then a(t³ − 5t² + 8t − 4).</summary>
    private double Keys(double t) => t <= 1
        ? ((((cubicCoefficient + 2) * t) - (cubicCoefficient + 3)) * t * t) + 1
        : cubicCoefficient * ((((((t - 5) * t) + 8) * t) - 4));

    /// <summary>Where an output lies among the inputs. ONNX Runtime computes it in float.</summary>
    private double Source(long o) => coordinates switch
    {
        "asymmetric" => (float)(o / (float)scale),
        "align_corners" => output == 1 ? 0 : (float)(o * (input - 1)) / (output - 1),
        "pytorch_half_pixel" when output <= 1 => 0,
        "tf_crop_and_resize" when output <= 1 => 0.5 * (crop.Start + crop.End) * (input - 1),
        "tf_crop_and_resize" => Cropped(o, (float)crop.Start, (float)crop.End),
        "half_pixel_symmetric" => HalfPixel(o) + (input / 2.0 * (1 - (output / (scale * input)))),
        _ => HalfPixel(o),
    };

    /// <summary>In float, for a last output that lies a rounding beside the image is extrapolated.</summary>
    private float Cropped(long o, float start, float end) => (start * (input - 1)) + (o * (end - start) * (input - 1) / (output - 1));

    private double HalfPixel(long o) => (float)(((o + 0.5f) / (float)scale) - 0.5f);

    private long Nearest(double at) => (long)(rounding switch
    {
        "floor" => Math.Floor(at),
        "ceil" => Math.Ceiling(at),
        "round_prefer_ceil" => Math.Floor(at + 0.5),
        _ => Math.Ceiling(at - 0.5),
    });
}
