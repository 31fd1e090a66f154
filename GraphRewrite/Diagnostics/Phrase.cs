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

    public Phrase(int literalLength, int formattedCount)
    {
        _ = literalLength;
        _ = formattedCount;
    }

    private Phrase(string text) => parts.Add(text);

    public static implicit operator Phrase(string text) => new(text);

    public void AppendLiteral(string value) => parts.Add(value);

    public void AppendFormatted(Setting value) => parts.Add(value);

    public void AppendFormatted(Phrase value) => parts.AddRange(value.parts);

    public void AppendFormatted<T>(T value) => parts.Add(string.Create(CultureInfo.InvariantCulture, $"{value}"));

    public void AppendFormatted<T>(T value, string? format)
        where T : IFormattable => parts.Add(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>The text, with a name for each setting.</summary>
    internal string Write(Func<Setting, string> name) => string.Concat(parts.Select(part => part is Setting setting ? name(setting) : (string)part));

    /// <summary>The text in neutral words.</summary>
    public override string ToString() => Write(ErrorText.Neutral);
}
