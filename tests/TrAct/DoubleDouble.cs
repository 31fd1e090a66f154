namespace TrActOnnx.Tests.TrAct;

/// <summary>A number as the unevaluated sum of two doubles, some 31 digits: what float64 is held against (Dekker 1971; Knuth's two-sum).</summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    public static implicit operator DoubleDouble(double value) => new(value, 0);

    public static explicit operator double(DoubleDouble value) => value.High + value.Low;

    public static DoubleDouble operator -(DoubleDouble a) => new(-a.High, -a.Low);

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        double sum = a.High + b.High, part = sum - a.High;
        return Normal(sum, (a.High - (sum - part)) + (b.High - part) + a.Low + b.Low);
    }

    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + -b;

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        double product = a.High * b.High;
        return Normal(product, Math.FusedMultiplyAdd(a.High, b.High, -product) + (a.High * b.Low) + (a.Low * b.High));
    }

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double first = a.High / b.High;
        DoubleDouble rest = a - (b * first);
        return Normal(first, rest.High / b.High);
    }

    public static DoubleDouble Sqrt(DoubleDouble a)
    {
        if (a.High == 0) return 0;
        double root = Math.Sqrt(a.High);
        return Normal(root, (a - ((DoubleDouble)root * root)).High / (2 * root));
    }

    private static DoubleDouble Normal(double high, double low)
    {
        double sum = high + low;
        return new(sum, low - (sum - high));
    }
}
