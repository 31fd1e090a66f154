namespace GraphRewrite.IR.Shapes;

/// <summary>Integer arithmetic on extents that may be symbolic. A symbol is an extent: not negative. True is 1, false 0.</summary>
internal static class ShapeArithmetic
{
    /// <summary>Bounds near the ends of the range mean "to the end" in a Slice; arithmetic on them would overflow and says nothing.</summary>
    public static Dim Apply(Func<Dim, Dim, Dim> f, Dim a, Dim b) =>
        Math.Max(Math.Abs((double)a.Factor), Math.Abs((double)b.Factor)) < int.MaxValue ? f(a, b) : Dim.Unknown;

    /// <summary>a / b, truncated as C does.</summary>
    public static Dim Divide(Dim a, Dim b) => a.IsKnown && b.IsKnown ? b == 0 ? Dim.Unknown : a.Value / b.Value : a / b;

    /// <summary>a mod b; only where the signs do not matter.</summary>
    public static Dim Modulo(Dim a, Dim b) =>
        !b.IsKnown || b.Value <= 0 || a.IsUnknown || a.Factor < 0 ? Dim.Unknown
        : a.IsKnown ? a.Value % b.Value
        : a.Factor % b.Value == 0 ? 0
        : Dim.Unknown;

    public static Dim Minimum(Dim a, Dim b) => IsAtLeast(a, b) switch { true => b, false => a, null => Dim.Unknown };

    public static Dim Maximum(Dim a, Dim b) => IsAtLeast(a, b) switch { true => a, false => b, null => Dim.Unknown };

    public static Dim Absolute(Dim a) => a.IsUnknown || a.Factor >= 0 ? a : a * -1;

    public static Dim Equal(Dim a, Dim b) =>
        a.IsUnknown || b.IsUnknown ? Dim.Unknown
        : a == b ? 1
        : a.IsKnown && b.IsKnown ? 0
        : IsNegative(a) && IsExtent(b) || IsNegative(b) && IsExtent(a) ? 0
        : Dim.Unknown;

    public static Dim GreaterOrEqual(Dim a, Dim b) => Truth(IsAtLeast(a, b));

    public static Dim LessOrEqual(Dim a, Dim b) => Truth(IsAtLeast(b, a));

    public static Dim Greater(Dim a, Dim b) => Not(LessOrEqual(a, b));

    public static Dim Less(Dim a, Dim b) => Not(GreaterOrEqual(a, b));

    public static Dim Not(Dim a) => a.IsKnown ? 1 - a.Value : Dim.Unknown;

    public static Dim And(Dim a, Dim b) => a == 0 || b == 0 ? 0 : a == 1 && b == 1 ? 1 : Dim.Unknown;

    public static Dim Or(Dim a, Dim b) => a == 1 || b == 1 ? 1 : a == 0 && b == 0 ? 0 : Dim.Unknown;

    public static Dim NotZero(Dim a) => a.IsKnown ? Truth(a.Value != 0) : Dim.Unknown;

    public static Dim Where(Dim condition, Dim a, Dim b) => condition.IsKnown ? condition == 0 ? b : a : a == b ? a : Dim.Unknown;

    private static Dim Truth(bool? truth) => truth switch { true => 1, false => 0, null => Dim.Unknown };

    /// <summary>Whether a ≥ b, where that is certain.</summary>
    private static bool? IsAtLeast(Dim a, Dim b)
    {
        if (a.IsKnown && b.IsKnown) return a.Value >= b.Value;
        if (a.IsUnknown || b.IsUnknown) return null;
        if (a == b) return true;
        if (b.IsKnown && b.Value <= 0 && IsExtent(a)) return true;
        if (a.IsKnown && a.Value < 0 && IsExtent(b)) return false;
        return null;
    }

    private static bool IsNegative(Dim a) => a.IsKnown && a.Value < 0;

    private static bool IsExtent(Dim a) => !a.IsUnknown && a.Factor >= 0;
}
