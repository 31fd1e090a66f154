using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace GraphRewrite.Diagnostics;

/// <summary>
/// A part of a message, without its final period. Settings in it stay symbols until the message is composed:
/// <code>Phrase remedy = $"Freeze the parameters before them ({Setting.Freeze})";</code>
/// All else is formatted as it is written down, in the invariant culture.
/// </summary>
[InterpolatedStringHandler]
public sealed class Phrase
{
    private readonly ImmutableArray<object>.Builder parts = ImmutableArray.CreateBuilder<object>(); // strings and settings

    /// <summary>Begins a phrase, for the compiler: write an interpolated string where a phrase is wanted.</summary>
    /// <param name="literalLength">Characters outside the holes; not needed here.</param>
    /// <param name="formattedCount">Holes; not needed here.</param>
    public Phrase(int literalLength, int formattedCount)
    {
        _ = literalLength;
        _ = formattedCount;
    }

    private Phrase(string text) => parts.Add(text);

    /// <summary>A text without settings in it.</summary>
    public static implicit operator Phrase(string text) => new(text);

    /// <summary>Text between two holes of an interpolated string.</summary>
    public void AppendLiteral(string value) => parts.Add(value);

    /// <summary>A setting, which stays a symbol until the message is composed.</summary>
    public void AppendFormatted(Setting value) => parts.Add(value);

    /// <summary>Another phrase, whose settings stay symbols.</summary>
    public void AppendFormatted(Phrase value) => parts.AddRange(value.parts);

    /// <summary>Anything else, in the invariant culture.</summary>
    public void AppendFormatted<T>(T value) => parts.Add(string.Create(CultureInfo.InvariantCulture, $"{value}"));

    /// <summary>Anything else in a .NET format, in the invariant culture.</summary>
    public void AppendFormatted<T>(T value, string? format)
        where T : IFormattable => parts.Add(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>The text, with a name for each setting.</summary>
    internal string Write(Func<Setting, string> name) => string.Concat(parts.Select(part => part is Setting setting ? name(setting) : (string)part));

    /// <summary>The text in neutral words.</summary>
    public override string ToString() => Write(ErrorText.Neutral);
}
