using System.Globalization;
using System.Numerics;
using GraphRewrite.IR;

namespace GraphRewrite.Verification;

/// <summary>Deviations of values relative to each one's largest expected entry, and words for those above what is allowed.</summary>
internal sealed class Comparison
{
    private readonly List<string> differences = [];
    private double worst;

    // Floats are compared as they lie: a large model's in double would take twice its memory.
    public void Add(string what, Tensor expected, Tensor found, double tolerance)
    {
        var deviation = new Deviation();
        if (expected.Type == ElementType.Float && found.Type == ElementType.Float) deviation.Add(expected.Span<float>(), found.Span<float>());
        else deviation.Add<double, double>(expected.ToDouble(), found.ToDouble());
        Add(what, deviation, tolerance);
    }

    /// <param name="what">What is compared.</param>
    /// <param name="expected">Its entries, in pieces one after the other.</param>
    /// <param name="found">What was found instead.</param>
    /// <param name="tolerance">Relative to the largest expected entry.</param>
    public void Add(string what, IEnumerable<double[]> expected, Tensor found, double tolerance)
    {
        var deviation = new Deviation();
        double[]? converted = found.Type == ElementType.Float ? null : found.ToDouble();
        foreach (double[] piece in expected)
        {
            if (converted is null) deviation.Add(piece, found.Span<float>());
            else deviation.Add<double, double>(piece, converted);
        }
        Add(what, deviation, tolerance);
    }

    public VerificationCheck Check(string claim, string more = "") =>
        new(claim, differences, string.Create(CultureInfo.InvariantCulture, $"largest deviation {worst:G2}{more}"));

    private void Add(string what, Deviation deviation, double tolerance)
    {
        if (deviation.Length != deviation.Found)
        {
            differences.Add($"{what} has {deviation.Found} elements instead of {deviation.Length}");
            return;
        }
        worst = Math.Max(worst, deviation.Relative);
        if (deviation.Relative <= tolerance) return;
        differences.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} deviates by {deviation.Relative:G2} of its largest entry (allowed {tolerance:G1}): {deviation}"));
    }

    /// <summary>The largest deviation and where it is; infinite where a number is none, which no comparison would find.</summary>
    private sealed class Deviation
    {
        private double largest, difference, expectedThere, foundThere;
        private int at;

        /// <summary>How many entries were expected so far.</summary>
        public int Length { get; private set; }

        /// <summary>How many there are.</summary>
        public int Found { get; private set; }

        public double Relative => difference == 0 ? 0 : difference / largest;

        /// <summary>The next expected entries, beside all that were found.</summary>
        public void Add<TExpected, TFound>(ReadOnlySpan<TExpected> expected, ReadOnlySpan<TFound> all)
            where TExpected : unmanaged, INumberBase<TExpected>
            where TFound : unmanaged, INumberBase<TFound>
        {
            ReadOnlySpan<TFound> found = all[Math.Min(Length, all.Length)..];
            int count = Math.Min(expected.Length, found.Length);
            for (int i = 0; i < count; i++)
            {
                (double e, double f) = (double.CreateChecked(expected[i]), double.CreateChecked(found[i]));
                largest = double.MaxNumber(largest, Math.Abs(e));
                if (e == f) continue;
                double apart = Math.Abs(e - f);
                if (double.IsNaN(apart)) apart = double.PositiveInfinity;
                if (apart > difference) (difference, at, expectedThere, foundThere) = (apart, Length + i, e, f);
            }
            (Length, Found) = (Length + expected.Length, all.Length);
        }

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"element {at} is {foundThere:G7} instead of {expectedThere:G7}");
    }
}
