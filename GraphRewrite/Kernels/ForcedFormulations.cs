using System.Collections.Immutable;

namespace GraphRewrite.Kernels;

/// <summary>Formulations that are taken wherever they fit, part → name. A value: two that force the same are equal.</summary>
public sealed class ForcedFormulations : IEquatable<ForcedFormulations>
{
    private readonly ImmutableSortedDictionary<string, string> names;

    internal ForcedFormulations(IEnumerable<KeyValuePair<string, string>> names) =>
        this.names = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, names);

    /// <summary>The cheapest everywhere.</summary>
    public static ForcedFormulations None { get; } = new([]);

    /// <summary>The name that is forced for a part; null where none is.</summary>
    public string? this[string part] => names.GetValueOrDefault(part);

    /// <summary>Whether both force the same formulation for every part.</summary>
    public bool Equals(ForcedFormulations? other) => other is not null && names.SequenceEqual(other.names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ForcedFormulations);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>"dW=volume,solve=inverse"</summary>
    public override string ToString() => string.Join(',', names.Select(pair => $"{pair.Key}={pair.Value}"));
}
