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

    /// <param name="n">The Resize node.</param>
    /// <param name="input">The axis before.</param>
    /// <param name="output">The axis after.</param>
    /// <param name="scale">The given scale; null where the extents tell it.</param>
    /// <exception cref="GraphRewriteException">The mode has no gradient here.</exception>
    public ResizeWeights(Node n, long input, long output, double? scale)
    {
        mode = n.String("mode", "nearest");
        coordinates = n.String("coordinate_transformation_mode", "half_pixel");
        rounding = n.String("nearest_mode", "round_prefer_floor");
        (this.input, this.output, this.scale) = (input, output, scale ?? (double)output / input);
        (cubicCoefficient, excludesOutside) = (n.Float("cubic_coeff_a", -0.75f), n.Int("exclude_outside", 0) != 0);
        if (mode is not ("nearest" or "linear" or "cubic")) throw n.Refuse($"mode={mode} has no gradient here; nearest, linear and cubic have");
        if (n.Int("antialias", 0) != 0) throw n.Refuse("antialias=1 has no gradient here", "Export with antialias=False");
        if (coordinates is not ("half_pixel" or "pytorch_half_pixel" or "half_pixel_symmetric" or "asymmetric" or "align_corners"))
            throw n.Refuse($"coordinate_transformation_mode={coordinates} has no gradient here");
    }

    /// <summary>[out, in], row-major.</summary>
    public float[] Matrix()
    {
        var matrix = new float[output * input];
        for (long o = 0; o < output; o++)
        {
            double at = Source(o);
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
        "half_pixel_symmetric" => HalfPixel(o) + (input / 2.0 * (1 - (output / (scale * input)))),
        _ => HalfPixel(o),
    };

    private double HalfPixel(long o) => (float)(((o + 0.5f) / (float)scale) - 0.5f);

    private long Nearest(double at) => (long)(rounding switch
    {
        "floor" => Math.Floor(at),
        "ceil" => Math.Ceiling(at),
        "round_prefer_ceil" => Math.Floor(at + 0.5),
        _ => Math.Ceiling(at - 0.5),
    });
}
