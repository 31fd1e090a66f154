using System.Globalization;
using GraphRewrite.Diagnostics;

namespace GraphRewrite.IR;

/// <summary>
/// One dimension: a known extent, or an extent times named symbols (65·batch), or unknown.
/// Products stay exact, so that a Reshape of [batch, 65, 64] to rows is [65·batch, 64].
/// </summary>
public readonly record struct Dim
{
    /// <summary>Contents longer than this are data, not a shape.</summary>
    internal const int MaxElements = 256;

    private readonly string? symbols; // sorted names joined by '*'; null where the extent is known; "?" where it is not

    private Dim(long factor, string? symbols)
    {
        Factor = factor;
        this.symbols = symbols;
    }

    /// <summary>The known extent, or the known factor before the symbols.</summary>
    public long Factor { get; }

    /// <summary>The symbols as a name for the file; null where the extent is known or unknown.</summary>
    public string? Symbols => symbols == "?" ? null : symbols;

    /// <summary>Whether it is a number.</summary>
    public bool IsKnown => symbols is null;

    /// <summary>Whether nothing is known of it, not even a name.</summary>
    public bool IsUnknown => symbols == "?";

    /// <summary>The extent.</summary>
    /// <exception cref="InvalidOperationException">It is symbolic.</exception>
    public long Value => IsKnown ? Factor : throw new InvalidOperationException($"The dimension '{this}' is symbolic.");

    /// <summary>A dimension of which nothing is known; it equals itself, though two unknown extents may differ.</summary>
    public static Dim Unknown { get; } = new(1, "?");

    /// <summary>A symbol, or a product as <see cref="ToString"/> writes it: "65*batch". Any other expression ("2*s77 + 1") is one name.</summary>
    public static Dim Symbol(string name)
    {
        string[] parts = name.Split('*');
        if (parts.Length == 1) return new(1, name);
        if (!parts.All(part => part.Length > 0 && part.All(c => char.IsLetterOrDigit(c) || c is '_' or '.'))) return new(1, name.Replace('*', '×'));
        Dim product = 1;
        foreach (string part in parts)
            product *= long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long factor) ? factor : new Dim(1, part);
        return product;
    }

    /// <summary>A known extent.</summary>
    public static implicit operator Dim(long extent) => new(extent, null);

    /// <summary>The exact product; unknown times anything but 0 and 1 is unknown.</summary>
    /// <exception cref="GraphRewriteException">It is more than 64 bits hold.</exception>
    public static Dim operator *(Dim a, Dim b)
    {
        if ((a.IsKnown && a.Factor == 0) || (b.IsKnown && b.Factor == 0)) return 0;
        if (a.IsUnknown || b.IsUnknown) return a == 1 ? b : b == 1 ? a : Unknown;
        long high = Math.BigMul(a.Factor, b.Factor, out long factor);
        if (high != factor >> 63) throw TooLarge($"{a} times {b}");
        return new(factor, Join([.. a.Names(), .. b.Names()]));
    }

    /// <summary>The exact quotient, or unknown where it is not a product of known symbols.</summary>
    public static Dim operator /(Dim a, Dim b)
    {
        if (b == 1) return a;
        if (b == -1) return a * -1;
        if (a.IsUnknown || b.IsUnknown || b.Factor == 0 || a.Factor % b.Factor != 0) return Unknown;
        List<string> names = a.Names();
        foreach (string name in b.Names())
            if (!names.Remove(name)) return Unknown;
        return new(a.Factor / b.Factor, Join(names));
    }

    /// <summary>The sum, or unknown where the terms have different symbols.</summary>
    public static Dim operator +(Dim a, Dim b)
    {
        if (a == 0) return b;
        if (b == 0) return a;
        if (a.IsUnknown || b.IsUnknown || a.symbols != b.symbols) return Unknown;
        long factor = unchecked(a.Factor + b.Factor);
        if (((a.Factor ^ factor) & (b.Factor ^ factor)) < 0) throw TooLarge($"{a} plus {b}");
        return factor == 0 ? 0 : new Dim(factor, a.symbols);
    }

    /// <summary>The difference, or unknown where the terms have different symbols.</summary>
    public static Dim operator -(Dim a, Dim b) => a + (b * -1);

    /// <summary>The dimension with symbols replaced by extents.</summary>
    internal Dim Bind(IReadOnlyDictionary<string, long> extents)
    {
        if (IsKnown || IsUnknown) return this;
        Dim bound = Factor;
        foreach (string name in Names())
            bound *= extents.TryGetValue(name, out long extent) ? extent : Symbol(name);
        return bound;
    }

    /// <summary>The elements of a small integer or bool tensor; null for any other, which no shape is made from.</summary>
    internal static IReadOnlyList<Dim>? ElementsOf(Tensor tensor) =>
        tensor.Type is ElementType.Int64 or ElementType.Int32 or ElementType.Bool && tensor.Length <= MaxElements
            ? Array.ConvertAll(tensor.ToInt64(), element => (Dim)element)
            : null;

    private static GraphRewriteException TooLarge(string sum) => new(new Finding(
        $"an extent would be {sum}, more than 64 bits hold", "The model is not valid ONNX; check it (onnx.checker) and export it again"));

    private List<string> Names() => symbols is null ? [] : [.. symbols.Split('*')];

    private static string? Join(List<string> names)
    {
        if (names.Count == 0) return null;
        names.Sort(string.CompareOrdinal);
        return string.Join('*', names);
    }

    /// <summary>As files and messages have it: "64", "65*batch", "?" where nothing is known.</summary>
    public override string ToString() => IsKnown ? $"{Factor}" : IsUnknown ? "?" : Factor == 1 ? symbols! : $"{Factor}*{symbols}";
}
