using System.Globalization;
using GraphRewrite.Diagnostics;

namespace TrainingHost.Runs;

/// <summary>
/// The learning rate of step s = 0 … T − 1, lr being the one asked for and W the steps of warm-up:
/// lr · (s + 1)/W for s &lt; W (linear, never zero), else lr · factor(p) with p = (s − W)/(T − W), the part of the way that is done.
/// </summary>
internal sealed class LearningRateSchedule
{
    private const double OneCycleRise = 0.3, OneCycleStart = 1 / 25.0, OneCycleEnd = 1e-4;

    private readonly double rate;
    private readonly long steps, warmup;
    private readonly Func<double, double> factor;

    private LearningRateSchedule(string name, double rate, long steps, long warmup, Func<double, double> factor) =>
        (Name, this.rate, this.steps, this.warmup, this.factor) = (name, rate, steps, warmup, factor);

    public string Name { get; }

    /// <summary>The learning rate of a step, counted from 0; steps past the end have the last one's.</summary>
    public double At(long step)
    {
        long s = Math.Clamp(step, 0, steps - 1);
        return Name == "one-cycle" ? OneCycle(s)
            : s < warmup ? rate * (s + 1) / warmup
            : rate * factor((s - warmup) / (double)(steps - warmup));
    }

    /// <summary>Reads <c>--schedule</c>.</summary>
    /// <param name="text">
    /// constant: 1. linear: 1 − p. cosine: ½(1 + cos πp). poly[:e]: (1 − p)^e, e = 0.9. step[:S[,γ]]: γ^⌊(s − W)/S⌋, S a third of the way, γ = 0.1.
    /// one-cycle: lr/25 up to lr over the warm-up (30 % of the steps where there is none), then down to lr/25 · 10⁻⁴, both along half a cosine.
    /// </param>
    /// <param name="rate">lr ≥ 0.</param>
    /// <param name="steps">T ≥ 1.</param>
    /// <param name="warmup">W, from 0 to T.</param>
    /// <exception cref="GraphRewriteException">There is no such schedule, or a number of its own or the warm-up is out of range.</exception>
    public static LearningRateSchedule Parse(string text, double rate, long steps, long warmup = 0)
    {
        if (warmup < 0 || warmup > steps) throw new GraphRewriteException($"--warmup {warmup}: must be from 0 to the run's {steps} steps.");

        string[] parts = text.Split(':', 2);
        double[] numbers = parts.Length == 1 ? [] : [.. parts[1].Split(',').Select(Number)];
        Func<double, double> factor = (parts[0], numbers) switch
        {
            ("constant", []) => p => 1,
            ("linear", []) => p => 1 - p,
            ("cosine", []) => p => (1 + Math.Cos(Math.PI * p)) / 2,
            ("one-cycle", []) => p => 1,
            ("poly", []) => Poly(0.9),
            ("poly", [> 0 and double exponent]) => Poly(exponent),
            ("step", []) => Step(Math.Max(1, Math.Ceiling((steps - warmup) / 3.0)), 0.1),
            ("step", [>= 1 and double size]) => Step(size, 0.1),
            ("step", [>= 1 and double size, > 0 and double gamma]) => Step(size, gamma),
            _ => throw new GraphRewriteException(
                $"--schedule {text}: is none of constant, linear, cosine, poly, poly:EXPONENT, step, step:STEPS, step:STEPS,FACTOR, one-cycle "
                + "(numbers above 0)."),
        };
        return new(parts[0], rate, steps, warmup, factor);

        double Number(string number) =>
            double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value
            : throw new GraphRewriteException($"--schedule {text}: '{number}' is not a number.");

        Func<double, double> Poly(double exponent) => p => Math.Pow(1 - p, exponent);

        // From whole steps, not from p: p · (T − W) can fall short of the step by rounding.
        Func<double, double> Step(double size, double gamma) => p => Math.Pow(gamma, Math.Floor(Math.Round(p * (steps - warmup)) / size));
    }

    /// <summary>As PyTorch's OneCycleLR: the peak is at step W − 1, the lowest rate at step T − 1.</summary>
    private double OneCycle(long s)
    {
        double peak = Math.Max((warmup > 0 ? warmup : OneCycleRise * steps) - 1, 0);
        double low = rate * OneCycleStart;
        if (s <= peak && peak > 0) return Between(low, rate, s / peak);
        return Between(rate, low * OneCycleEnd, steps - 1 > peak ? (s - peak) / (steps - 1 - peak) : 0);

        static double Between(double from, double to, double p) => to + ((from - to) * (1 + Math.Cos(Math.PI * p)) / 2);
    }
}
